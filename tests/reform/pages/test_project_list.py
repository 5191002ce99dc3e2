"""The list of projects: whose are on it, and how it is narrowed."""

import pytest

from reform.models import BattleMap
from tests.factories import ProjectFactory
from workflow.states import State

pytestmark = pytest.mark.sql


def listed(answer):
    return [project.name for project in answer.context["page_obj"]]


@pytest.fixture
def projects(cast):
    ProjectFactory(
        name="教育评价改革", number="2026-1", department=cast.education, stage="analysis", recognised_on=None
    )
    ProjectFactory(name="数据要素改革", number="2026-2", department=cast.planning)


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("clerk", ["数据要素改革", "数字经济改革"]),
        ("reviewer", ["数据要素改革", "数字经济改革"]),
        ("office", ["教育评价改革", "数据要素改革", "数字经济改革"]),
        ("office_elsewhere", ["教育评价改革", "数据要素改革", "数字经济改革"]),
        ("partner", ["数字经济改革"]),
        ("stranger", ["教育评价改革"]),
        ("admin", []),
        ("auditor", []),
    ],
)
def test_everybody_sees_their_projects(projects, visit, who, names):
    assert sorted(listed(visit(who, "projects"))) == sorted(names)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"q": "数据"}, ["数据要素改革"]),
        ({"q": "2026-1"}, ["教育评价改革"]),
        ({"q": "数 改革"}, ["数据要素改革", "数字经济改革"]),
        ({"stage": "analysis"}, ["教育评价改革"]),
        ({"state": "issued"}, ["数字经济改革"]),
        ({"state": "none"}, ["教育评价改革", "数据要素改革"]),
        ({"state": "draft"}, []),
    ],
)
def test_the_list_is_narrowed(cast, projects, visit, query, names):
    cast.issued_map()
    assert sorted(listed(visit("office", "projects", **query))) == sorted(names)


def test_by_department_and_domain(cast, projects, visit):
    assert listed(visit("office", "projects", department=cast.education.pk)) == ["教育评价改革"]
    assert len(listed(visit("office", "projects", domain=cast.project.domain_id))) == 3


@pytest.mark.parametrize("name", ["stage", "domain", "department", "state"])
def test_a_choice_that_does_not_exist_is_named_and_narrows_nothing(projects, visit, name):
    answer = visit("clerk", "projects", **{name: "9999", "page": "x"})
    assert "没有这个选项，已忽略。" in answer.content.decode()
    assert len(listed(answer)) == 2


def test_departments_that_one_knows_nothing_of_are_not_offered(cast, projects, visit):
    page = visit("partner", "projects").content.decode()
    assert "市发展改革委" in page
    assert "市教委" not in page


def test_a_partner_cannot_tell_an_unsettled_map_from_none(cast, visit):
    cast.bring(cast.make(BattleMap), State.SUBMITTED)
    assert listed(visit("partner", "projects", state="submitted")) == []
    assert listed(visit("partner", "projects", state="none")) == ["数字经济改革"]
    assert "待部门审核" in visit("clerk", "projects", state="submitted").content.decode()
