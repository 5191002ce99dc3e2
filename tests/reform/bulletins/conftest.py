"""Half a year for a bulletin to tell, and the office that issues it."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from reform.models import BrandUpdate, PlanStatus, PromotionUpdate
from tests import factories
from workflow.states import State


@pytest.fixture
def story(cast):
    """Half a year: January's values behind, a plan done, another overdue, an experience and a brand."""
    drawn = cast.issued_map()
    update = factories.target_update(drawn, cast.clerk)
    update.values.update(value=Decimal(4), remark="上级文件推迟印发，试点启动较晚。")
    cast.bring(update, State.CONFIRMED)
    plan = factories.open_plan(drawn)
    done = factories.plan_update(plan, cast.clerk, PlanStatus.DONE)
    factories.ClassifiedNoticeFactory(record=done)
    cast.bring(done, State.CONFIRMED)
    cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    cast.bring(cast.make(BrandUpdate), State.CONFIRMED)
    matter = factories.matter(cast, due_on=date(2026, 6, 20), of_project=drawn.dossier.project)
    factories.letter(cast, matter)
    factories.matter(cast, due_on=date(2026, 9, 1), origin="meeting", text="出台公共数据目录。")
    with time_machine.travel("2026-08-05T09:00+08:00"):  # what belongs to months before the issue was due in July
        yield drawn


@pytest.fixture
def issuing(client, cast):
    client.force_login(cast.office)
    return client
