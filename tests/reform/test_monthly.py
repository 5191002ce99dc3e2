"""本月一页报完: what it shows, saves and submits, and what it never loses."""

from datetime import date
from decimal import Decimal

import pytest

from reform.models import PlanStatus, PlanUpdate, TargetUpdate
from tests import factories
from tests.reform.month_end_pages import on_day
from workflow import contributions
from workflow.actions import discard
from workflow.models import Record
from workflow.states import State

PATH = "/month/"
JULY = "2026-07-29"  # seven months of values and two plans of a map issued in July are due on its last working day
OF_ONE = 9
QUERIES = 22


@pytest.fixture
def drawn(cast, client):
    """The issued map at the end of its month; its clerk is signed in."""
    found = cast.issued_map()
    with on_day(JULY):
        client.force_login(cast.clerk)
        yield found


def one_more(cast, number=1):
    for _ in range(number):
        project = factories.ProjectFactory(department=cast.planning)
        cast.bring(factories.battle_map(project, cast.clerk), State.ISSUED)


def entries(answer):
    return {entry.name: entry for group in answer.context["groups"] for entry in group.entries}


def as_sent(answer, **changes):
    """All that the page would send, with every project ticked and some of it typed over."""
    groups = answer.context["groups"]
    sent = {
        "shown": [group.project.pk for group in groups],
        "project": [group.project.pk for group in groups],
        "entry": [entry.name for group in groups for entry in group.open_entries],
    }
    for form in (entry.form for group in groups for entry in group.open_entries):
        for part in [form, *form.row_forms(), *(rows.management_form for rows in form.all_rows())]:
            for field in part:
                if field.value() is not None and not field.field.disabled:
                    sent[field.html_name] = str(field.value())
    return sent | changes


def filled(answer):
    """The same with all that 上报 asks for."""
    sent = as_sent(answer)
    for name in entries(answer):
        if name.startswith("plan"):
            sent |= {
                f"{name}-status": "in_progress",
                f"{name}-work_done": "已召开会议。",
                f"{name}-next_steps": "印发。",
            }
        else:
            sent |= {f"{name}-values-{row}-value": "10" for row in range(2)}
    return sent


def send(client, sent, button="save", path=PATH):
    return client.post(path, sent | {button: ""})


def names(drawn):
    """The values of January, and the plan of February."""
    plan = drawn.measures.first().plans.get()
    return f"targetupdate-{drawn.pk}-1", f"planupdate-{plan.pk}"


def test_all_that_is_due_stands_on_one_page_and_nothing_is_begun(client, drawn):
    found = entries(client.get(PATH))
    targets, plan = names(drawn)
    assert len(found) == OF_ONE
    assert {targets, plan} <= set(found)
    assert not Record.objects.filter(state=State.DRAFT).exists()


def test_what_is_not_due_yet_is_shown_when_asked_for(client, cast):
    drawn = cast.issued_map()
    client.force_login(cast.clerk)
    answer = client.get(PATH)
    this_month = f"targetupdate-{drawn.pk}-7"
    assert (len(entries(answer)), answer.context["ahead"], this_month in entries(answer)) == (OF_ONE - 2, 2, False)
    assert this_month in entries(client.get(f"{PATH}?early=1"))


@pytest.mark.parametrize("who", ["reviewer", "office", "admin", "auditor"])
def test_it_is_for_clerks(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get(PATH).status_code == 404


def test_others_see_none_of_it_and_can_write_none_of_it(client, drawn, cast):
    sent = filled(client.get(PATH))
    client.force_login(cast.stranger)
    assert client.get(PATH).context["groups"] == []
    answer = send(client, sent, "submit")
    assert answer.status_code == 422
    assert "已不在应报事项中" in answer.content.decode()
    assert not Record.objects.filter(state__in=[State.DRAFT, State.SUBMITTED]).exists()


def test_only_what_was_typed_is_saved(client, drawn):
    targets, _ = names(drawn)
    sent = as_sent(client.get(PATH)) | {f"{targets}-values-0-value": "12.5", f"{targets}-values-0-remark": "按计划"}
    assert send(client, sent).status_code == 302
    update = TargetUpdate.objects.get()
    assert (update.month, update.lines()[0].value, update.lines()[0].remark) == (1, Decimal("12.5"), "按计划")
    assert not PlanUpdate.objects.exists()


def test_all_is_submitted_together_and_shown_as_done(client, drawn):
    answer = send(client, filled(client.get(PATH)), "submit")
    assert (answer.status_code, answer.url) == (302, PATH)
    assert Record.objects.filter(state=State.SUBMITTED).count() == OF_ONE
    page = client.get(PATH)
    assert "已上报 1 个项目共 9 件，等待市发展改革委审核人员审核。" in page.content.decode()
    assert all(not entry.is_open for entry in entries(page).values())


def test_pressed_twice_it_is_submitted_once(client, drawn):
    sent = filled(client.get(PATH))
    send(client, sent, "submit")
    answer = client.post(PATH, sent | {"submit": ""}, follow=True)
    assert answer.redirect_chain == [(PATH, 302)]
    assert "已上报，不必重复提交。" in answer.content.decode()
    assert Record.objects.filter(state=State.SUBMITTED).count() == OF_ONE


def test_one_that_is_in_the_way_stops_all_and_is_named_by_project(client, drawn):
    targets, plan = f"targetupdate-{drawn.pk}-7", names(drawn)[1]
    sent = filled(client.get(PATH)) | {f"{targets}-values-1-value": "", f"{plan}-status": "done"}
    answer = send(client, sent, "submit")
    assert answer.status_code == 422
    assert [problem.field for problem in answer.context["problems"]] == [
        f"{targets}-values-1-value",
        f"{plan}-files",
    ]
    text = answer.content.decode()
    for problem in answer.context["problems"]:
        assert f'href="#id_{problem.field}"' in text
        assert f'id="id_{problem.field}"' in text
    assert not Record.objects.filter(state=State.SUBMITTED).exists()
    assert Record.objects.filter(state=State.DRAFT).count() == OF_ONE


def test_what_a_partner_has_given_is_decided_on_the_page_to_which_it_leads(client, drawn, cast):
    name = names(drawn)[1]
    send(client, filled(client.get(PATH)))
    record = entries(client.get(PATH))[name].record
    contributions.ask(record, cast.clerk, [cast.science], date(2026, 8, 5), "数据")
    asked = record.contributions.get()
    contributions.write(asked.pk, cast.partner, asked.version, "已建成。", give=True)
    page = send(client, filled(client.get(PATH)), "submit").content.decode()
    assert f'href="#id_{name}-contributions"' in page
    assert f'id="id_{name}-contributions"' in page
    assert f'href="/records/{record.pk}/edit/#id_contributions"' in page


def test_a_refused_submission_begins_nothing_that_nobody_touched(client, drawn):
    targets, plan = names(drawn)
    answer = client.get(PATH)
    untouched = send(client, as_sent(answer), "submit")
    assert untouched.status_code == 422
    assert {problem.field for problem in untouched.context["problems"]} >= {
        f"{targets}-values-0-value",
        f"{plan}-status",
    }
    assert not Record.objects.filter(state=State.DRAFT).exists()

    typed = send(client, as_sent(answer, **{f"{targets}-values-0-value": "10"}), "submit")
    assert {problem.field for problem in typed.context["problems"]} >= {
        f"{targets}-values-1-value",
        f"{plan}-status",
    }
    assert TargetUpdate.objects.get(state=State.DRAFT).month == 1
    assert not PlanUpdate.objects.filter(state=State.DRAFT).exists()
    assert send(client, filled(typed), "submit").status_code == 302
    assert Record.objects.filter(state=State.SUBMITTED).count() == OF_ONE


def test_a_problem_elsewhere_lets_no_later_month_lag(client, drawn):
    """What comes with the same click counts for the months after it, also where nothing is submitted after all."""
    sent = filled(client.get(PATH))
    targets = [name for name in entries(client.get(PATH)) if not name.startswith("plan")]
    plan = next(name for name in entries(client.get(PATH)) if name.startswith("plan"))
    alone = {f"{plan}-status": "", f"{plan}-work_done": "", f"{plan}-next_steps": ""}
    answer = send(client, sent | alone, "submit")
    assert answer.status_code == 422
    assert {name for name, entry in entries(answer).items() if entry.problems} == {plan}
    assert not Record.objects.filter(state=State.SUBMITTED).exists()
    assert len(targets) == 7
    assert send(client, filled(answer), "submit").status_code == 302
    assert TargetUpdate.objects.filter(state=State.SUBMITTED).count() == 7


def test_a_project_that_is_not_ticked_holds_nothing_up(client, drawn, cast):
    one_more(cast)
    answer = client.get(PATH)
    targets, _ = names(drawn)
    other = next(group.project.pk for group in answer.context["groups"] if group.project != cast.project)
    sent = filled(answer) | {f"{targets}-values-1-value": "", "project": [other]}
    assert send(client, sent, "submit").status_code == 302
    assert set(Record.objects.filter(state=State.SUBMITTED).values_list("dossier", flat=True)) == {other}


def test_without_a_tick_nothing_is_submitted(client, drawn):
    answer = client.post(PATH, filled(client.get(PATH)) | {"project": [], "submit": ""}, follow=True)
    assert "请先勾选要上报的项目" in answer.content.decode()
    assert not Record.objects.filter(state=State.SUBMITTED).exists()


def test_what_cannot_be_kept_stays_beside_its_field(client, drawn):
    targets, _ = names(drawn)
    sent = filled(client.get(PATH)) | {f"{targets}-values-0-value": "十二"}
    answer = send(client, sent, "submit")
    assert answer.status_code == 422
    assert 'value="十二"' in answer.content.decode()
    assert "请填写数字" in answer.content.decode()
    assert PlanUpdate.objects.filter(work_done="已召开会议。").count() == 2
    assert not TargetUpdate.objects.filter(month=1).exists()


def test_what_cannot_be_read_hides_nothing_else_that_is_missing(client, drawn):
    targets, plan = names(drawn)
    sent = filled(client.get(PATH)) | {f"{targets}-values-0-value": "三", f"{targets}-values-1-value": ""}
    answer = send(client, sent | {f"{plan}-work_done": ""}, "submit")
    assert answer.status_code == 422
    assert "先勾选" not in answer.content.decode()
    assert [(problem.field, problem.text.rpartition("：")[2]) for problem in answer.context["problems"]] == [
        (f"{targets}-values-0-value", "请填写数字，例如 3.5。"),
        (f"{targets}-values-1-value", "请填写当月进度值，没有进展的填 0。"),
        (f"{plan}-work_done", "请填写已开展工作。"),
    ]
    assert entries(answer)[targets].form.row_forms()[1].errors["value"]
    assert not TargetUpdate.objects.filter(month=1).exists()
    assert not Record.objects.filter(state=State.SUBMITTED).exists()


def test_a_colleague_who_was_quicker_loses_nothing_and_costs_nothing(client, drawn, cast):
    _, plan = names(drawn)
    update = factories.plan_update(drawn.measures.first().plans.get(), cast.clerk)
    sent = as_sent(client.get(PATH)) | {f"{plan}-work_done": "我写的"}
    PlanUpdate.objects.filter(pk=update.pk).update(work_done="同事写的", version=5)
    answer = send(client, sent)
    assert answer.status_code == 422
    assert "我写的" in answer.content.decode()
    head, _, cards = answer.content.decode().partition('id="edit"')
    assert "有 1 件请先核对。" in head
    assert f'href="#id_{plan}"' in head
    assert f'id="id_{plan}"' in cards
    assert "这条记录刚刚被修改过" in cards
    assert PlanUpdate.objects.get().work_done == "同事写的"
    assert "没有上报：有 1 件请先核对。" in send(client, sent, "submit").content.decode()
    assert send(client, as_sent(answer)).status_code == 302
    assert PlanUpdate.objects.get().work_done == "我写的"


@pytest.mark.parametrize("what", ["submitted", "discarded"])
def test_what_is_gone_or_submitted_meanwhile_gives_the_text_back(client, drawn, cast, what):
    _, plan = names(drawn)
    update = factories.plan_update(drawn.measures.first().plans.get(), cast.clerk)
    PlanUpdate.objects.filter(pk=update.pk).update(version=1)
    sent = as_sent(client.get(PATH)) | {f"{plan}-work_done": "我写的"}
    if what == "submitted":
        cast.act(update, "clerk2", "submit")
    else:
        discard(update.pk, cast.clerk2, 1)
    answer = send(client, sent)
    assert answer.status_code == 422
    assert "我写的" in answer.content.decode()
    sentence = "待部门审核”，不能再修改" if what == "submitted" else "这条记录已不存在"
    assert sentence in answer.content.decode()


def test_what_came_back_is_open_with_the_reason(client, drawn, cast):
    update = factories.plan_update(drawn.measures.first().plans.get(), cast.clerk)
    cast.bring(update, State.REJECTED)
    answer = client.get(PATH)
    entry = entries(answer)[names(drawn)[1]]
    assert (entry.is_open, entry.record.pk) == (True, update.pk)
    assert "驳回意见（市发展改革委 审核甲 07-29）：数据有误。请核对数据。" in answer.content.decode()


def test_an_update_starts_from_the_last(client, drawn, cast):
    cast.bring(factories.plan_update(drawn.measures.first().plans.get(), cast.clerk), State.CONFIRMED)
    with on_day("2026-08-28"):
        client.force_login(cast.clerk)
        form = entries(client.get(PATH))[names(drawn)[1]].form
    assert (form["status"].value(), form["work_done"].value()) == (PlanStatus.IN_PROGRESS, "已召开启动会。")


def test_queries_do_not_grow_with_the_projects(client, drawn, cast, without_navigation, django_assert_num_queries):
    factories.target_update(drawn, cast.clerk)
    cast.bring(factories.plan_update(drawn.measures.first().plans.get(), cast.clerk), State.REJECTED)
    client.get(PATH)
    with django_assert_num_queries(QUERIES):
        client.get(PATH)
    one_more(cast, 2)
    with django_assert_num_queries(QUERIES):
        assert len(client.get(PATH).context["groups"]) == 3


def test_many_projects_come_a_page_at_a_time(client, drawn, cast, monkeypatch):
    monkeypatch.setattr("reform.monthly.page.PROJECTS_SHOWN", 1)
    one_more(cast)
    first, second = (entries(client.get(f"{PATH}?page={number}")) for number in (1, 2))
    assert (len(first), len(second), set(first) & set(second)) == (OF_ONE, OF_ONE, set())
    answer = client.get(f"{PATH}?page=2")
    assert send(client, filled(answer), "submit", f"{PATH}?page=2").url == f"{PATH}?page=2"
    assert Record.objects.filter(state=State.SUBMITTED).count() == OF_ONE


def test_after_each_submission_the_next_thing_due_is_one_click_away(client, drawn, cast):
    update = cast.bring(factories.target_update(drawn, cast.clerk), State.SUBMITTED)
    answer = client.get(f"/records/{update.pk}/")
    assert (
        f'下一件：<a href="/kinds/targetupdate/new/{drawn.pk}-2/">数字经济改革 2026年2月</a>' in answer.content.decode()
    )
    with on_day("2026-08-10"):
        client.force_login(cast.clerk)
        assert "（已逾期，截止7月31日）" in client.get(f"/records/{update.pk}/").content.decode()
    client.force_login(cast.clerk2)
    assert "下一件：" not in client.get(f"/records/{update.pk}/").content.decode()


def test_the_desk_of_a_clerk_leads_here(client, drawn):
    assert '<a href="/month/">本月一页报完 9</a>' in client.get("/").content.decode()
