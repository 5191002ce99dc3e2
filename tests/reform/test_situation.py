"""工作台 of reviewers: what is stuck and where, what has turned red, which deadlines lie ahead."""

from unittest.mock import Mock

import pytest
from django.core.cache import cache
from django.urls import reverse

from reform.calendar import today
from reform.cockpit.project_cache import ProjectCache
from reform.cockpit.situation import situation
from reform.inspections import checks
from reform.models import MonthLight, PlanStatus
from reform.models.due_schedule import catch_up
from tests import factories
from tests.factories import AttachmentFactory, ProjectFactory
from tests.reform.month_end_pages import issue, on_day, report_plan
from workflow.models import Event
from workflow.states import State


def card(answer, title):
    return next(card for card in answer.context["cards"] if card.title == title)


def rows(answer, title):
    return [(row.title, row.note, row.chip and row.chip[0]) for row in card(answer, title).rows]


@pytest.fixture
def visit(client, cast):
    def get(who):
        client.force_login(getattr(cast, who))
        return client.get(reverse("home"))

    return get


@pytest.mark.sql
def test_the_office_sees_what_is_stuck_and_where_and_which_deadlines_lie_ahead(cast, november, visit):
    with on_day("2026-11-24"):
        cast.act(factories.target_update(november[0], cast.clerk, 11), "clerk", "submit")
        cast.act(cast.act(report_plan(cast, november[0]), "clerk", "submit"), "reviewer", "approve")
    with on_day("2026-11-27"):
        answer = visit("office")
        stuck = card(answer, "本月进展")
        assert stuck.note == "应报 4 件，已确认 0 件"
        assert [(row.title, row.note) for row in stuck.rows] == [
            ("未上报 2 件", "1 个单位：市发展改革委 2 件"),
            ("待部门审核 1 件", "1 个单位，最久 3 天：市发展改革委"),
            ("待改革办审核 1 件", "1 个单位，最久 3 天：市发展改革委"),
        ]
        assert [answer.client.get(row.url).status_code for row in stuck.rows] == [200] * 3
        assert rows(answer, "近期时限") == [
            ("11月30日（周一）", "还未上报：月度计划推进更新 1 件 · 量化目标推进更新 1 件", "还剩 1 个工作日"),
            ("12月31日（周四）", "还未上报：月度计划推进更新 6 件 · 量化目标推进更新 2 件", "还剩 24 个工作日"),
        ]
        listed = [answer.client.get(row.url, follow=True).context for row in card(answer, "近期时限").rows]
        assert [(str(shown["period"]), shown["total"].owed) for shown in listed] == [
            ("2026年11月", 2),
            ("2026年12月", 8),
        ]


@pytest.mark.sql
def test_the_deadline_of_next_january_counts_the_plans_carried_over(cast, november, visit):
    with on_day("2026-12-15"):
        catch_up()
    with on_day("2026-12-16"):
        answer = visit("office")
        deadline = card(answer, "近期时限").rows[-1]
        assert (deadline.title, deadline.note) == ("2027年1月29日（周五）", "还未上报：月度计划推进更新 6 件")
        shown = answer.client.get(deadline.url).context
        assert (str(shown["period"]), shown["total"].owed) == ("2027年1月", 6)


@pytest.mark.sql
def test_each_figure_of_who_looks_after_some_departments_leads_to_as_many(cast, november, visit):
    with on_day("2026-01-06"):
        drawn = issue(cast, ProjectFactory(department=cast.planning))
        drawn.project.department = cast.education
        drawn.project.save()
    with on_day("2026-11-24"):
        for who, number, is_part in (("office", 6, False), ("office_elsewhere", 2, True)):
            answer = visit(who)
            [tile] = [tile for tile in answer.context["tiles"] if tile.label == "本月未上报"]
            [owed] = card(answer, "本月进展").rows
            deadline, *_ = card(answer, "近期时限").rows
            assert (tile.number, owed.title) == (number, f"未上报 {number} 件")
            for url in (tile.url, owed.url, deadline.url):
                page = answer.client.get(url)
                assert page.context["total"].owed == number
                assert ("列出全部单位" in page.text) is is_part
            assert answer.client.get(tile.url).context["page_obj"].paginator.count == number
            assert ("上月同日" in page.text) is not is_part  # of the whole city
            assert answer.client.get(page.context["whole_room"]).context["total"].owed == 6


def test_what_has_turned_red_since_the_last_months_end_stands_first(cast, november, visit):
    long_red, _ = november
    with on_day("2026-01-06"):
        newly_red = issue(cast, ProjectFactory(name="科技体制改革", department=cast.planning))
    for drawn, colour in ((long_red, "red"), (newly_red, "amber")):
        MonthLight.objects.create(
            project_id=drawn.dossier_id, year=2026, month=11, colour=colour, red_below=80, amber_below=95
        )
    with on_day("2026-12-02"):
        answer = visit("reviewer")
        assert [(row.title, row.chip) for row in card(answer, "计划逾期的项目").rows] == [
            ("科技体制改革", ("本月新增红灯", "red")),
            ("数字经济改革", ("红灯", "red")),
            ("营商环境改革", ("红灯", "red")),
        ]
        assert "1 项月度计划逾期" in card(answer, "计划逾期的项目").rows[0].note
        assert card(visit("strange_reviewer"), "计划逾期的项目").rows == []


def test_a_department_reviewer_finds_the_single_matters_of_their_own(cast, november, visit):
    with on_day("2026-11-24"):
        cast.act(factories.target_update(november[0], cast.clerk, 11), "clerk", "submit")
        answer = visit("reviewer")
        found = rows(answer, "本月未报、待审事项")
        assert [(title, chip) for title, _, chip in found] == [
            ("数字经济改革", "未动"),
            ("营商环境改革", "未动"),
            ("营商环境改革", "未动"),
            ("数字经济改革", "待部门审核"),
        ]
        urls = [row.url for row in card(answer, "本月未报、待审事项").rows]
        assert [answer.client.get(url).status_code for url in urls] == [200] * 4
        assert [row.url for row in card(answer, "近期时限").rows] == ["#stuck", ""]
        assert card(visit("strange_reviewer"), "本月未报、待审事项").rows == []


def test_what_is_kept_of_the_city_follows_what_happens_to_a_project(cast, november, settings):
    """Each step touches the project by another trace; what is kept then equals what is read anew."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    drawn, other = november
    seen = []

    def agree():
        kept = situation()
        cache.clear()
        anew = situation()
        assert (kept.standings, kept.misses) == (anew.standings, anew.misses)
        seen.append(kept.standings)

    with on_day("2026-11-24"):
        agree()
        cast.bring(factories.target_update(drawn, cast.clerk, 11), State.CONFIRMED)
        agree()
        update = report_plan(cast, drawn, status=PlanStatus.DONE)
        AttachmentFactory(record=update)
        cast.bring(update, State.CONFIRMED)
        agree()
        check = checks.pick(update.plan_id, cast.office)
        words = {"version": 0, "way": "phone", "finding": "untrue", "text": "未见成果。", "checked_on": today()}
        checks.write(check.pk, cast.office, words, conclude=True)
        agree()
        cast.bring(factories.closure(other.dossier.project, cast.clerk), State.CONFIRMED)
        agree()
    assert len(seen[0]) == 2
    assert len(seen[-1]) == 1
    assert seen[0][drawn.dossier_id] != seen[1][drawn.dossier_id]


def test_what_was_written_with_an_earlier_key_is_not_missed(cast, november, settings):
    """Keys are given before the commit, so another transaction's earlier key may be seen later."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    read = Mock(__name__="read", side_effect=lambda projects: dict.fromkeys(projects.values_list("pk", flat=True)))

    def read_again():
        read.reset_mock()
        ProjectCache().get(read)
        return [set(call.args[0].values_list("pk", flat=True)) for call in read.call_args_list]

    def happens_to(record, key):
        event = record.events.first()
        event.pk = key
        Event.objects.bulk_create([event])

    (first, second), last = november, Event.objects.latest("pk").pk
    assert read_again() == [{first.dossier_id, second.dossier_id}]
    happens_to(first, last + 10)
    assert read_again() == [{first.dossier_id}]
    happens_to(second, last + 5)
    assert read_again() == []
    happens_to(first, last + 11)
    assert read_again() == [{first.dossier_id, second.dossier_id}]
    assert read_again() == []
