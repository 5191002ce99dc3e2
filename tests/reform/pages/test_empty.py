"""Pages of a city that has people and departments alone: what would be here, and a step that its reader may take."""

import pytest
from django.urls import reverse

from accounts.models import Role, User
from reform.ledgers import LEDGERS
from reform.models import BattleMap, Project, Stage

pytestmark = pytest.mark.sql


@pytest.fixture
def city(cast):
    Project.objects.all().delete()
    return cast


@pytest.fixture
def read(client, city):
    """read("clerk", "reform:projects"): what that person's page says."""

    def get(who, name, *args):
        client.force_login(getattr(city, who))
        return client.get(reverse(name, args=args)).content.decode()

    return get


def test_who_enters_projects_is_led_there_and_others_are_told_who_does(read):
    page = read("office", "reform:projects")
    assert "录入项目基础信息后，项目会列在这里。" in page
    assert f'<a class="btn btn-secondary" href="{reverse("reform:base_infos")}">项目基础信息</a>' in page
    for who in ("clerk", "reviewer"):
        page = read(who, "reform:projects")
        assert "项目基础信息由市委改革办录入；有疑问请与市委改革办联系。" in page
        assert reverse("reform:base_infos") not in page


def test_projects_that_have_ended_are_not_said_not_to_be_there(client, cast):
    Project.objects.update(stage=Stage.CLOSED, closed_at="2026-03-01T00:00+08:00")
    client.force_login(cast.clerk)
    page = client.get(reverse("reform:projects")).content.decode()
    assert "没有在办的项目。" in page
    assert "还没有" not in page


@pytest.mark.parametrize("ledger", LEDGERS, ids=lambda ledger: ledger.name)
def test_each_ledger_says_what_fills_it(read, ledger):
    assert len({each.filled_by for each in LEDGERS}) == len(LEDGERS)
    assert f"{ledger.filled_by}</p>" in read("clerk", "reform:ledger", ledger.name)


@pytest.mark.parametrize(
    ("who", "sentence"), [("clerk", "填报后会列在这里。"), ("reviewer", "责任单位录入人员填报后，会列在这里。")]
)
def test_records_of_a_kind_say_who_writes_them(read, who, sentence):
    assert f">{sentence}</p>" in read(who, "reform:kind", BattleMap._meta.model_name)


@pytest.mark.parametrize(
    ("name", "step"), [("reform:matters", "reform:matter_add"), ("reform:bulletins", "reform:bulletin_make")]
)
def test_only_the_office_is_offered_what_it_begins(read, name, step):
    assert f'<a class="btn btn-secondary" href="{reverse(step)}">' in read("office", name)
    assert reverse(step) not in read("clerk", name)


def test_the_cockpit_draws_no_empty_chart(read, client, cast):
    page = read("office", "reform:cockpit")
    assert 'id="chart-plans"' not in page
    assert "作战图下发后，这里按月显示应完成、已完成的月度计划。" in page


def test_nobody_is_asked_to_name_a_stand_in_where_there_is_none(read, city):
    User.objects.filter(role=Role.ENTRY).exclude(pk=city.clerk.pk).update(is_active=False)
    page = read("clerk", "workflow:absences")
    assert "现在没有可以委托的人员。" in page
    assert 'name="stand_in"' not in page
    assert 'name="stand_in"' in read("reviewer", "workflow:absences")
