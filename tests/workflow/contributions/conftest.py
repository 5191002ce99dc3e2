"""An update of which a partner is asked, or has given, its part."""

import pytest
import time_machine

from reform.models import PlanUpdate
from tests import factories
from tests.factories import UserFactory
from tests.workflow.contributions.pages import DAY
from workflow import contributions


@pytest.fixture(autouse=True)
def mid_july():
    with time_machine.travel("2026-07-10T09:00+08:00", tick=False):
        yield


@pytest.fixture
def update(cast):
    return cast.make(PlanUpdate)


@pytest.fixture
def finance(cast):
    """A second partner with a clerk of its own."""
    finance = factories.DepartmentFactory(name="市财政局", position=cast.science.position + 1)
    cast.project.set_partners([cast.science, finance])
    UserFactory(full_name="财政录入", department=finance, role="entry")
    return finance


@pytest.fixture
def asked(cast, update):
    contributions.ask(update, cast.clerk, [cast.science], DAY, "上半年算力数据")
    return update.contributions.get()


@pytest.fixture
def given(cast, asked):
    return contributions.write(asked.pk, cast.partner, asked.version, "已建成算力中心1个。", give=True)
