"""Two departments, between which people move."""

import pytest

from tests.factories import DepartmentFactory


@pytest.fixture
def planning():
    return DepartmentFactory(name="市发展改革委")


@pytest.fixture
def education():
    return DepartmentFactory(name="市教委")
