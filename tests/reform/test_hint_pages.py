"""数据提示 on pages: while typing, to both reviewers, and confirmed with a word for as long as the value stays."""

from decimal import Decimal

import pytest
from django.urls import reverse

from reform.models import HintAnswer, PlanStatus, TargetUpdate
from reform.quality import records
from reform.quality.records import DEFAULT_WORD, open_hints
from tests.editing import autosave, fields_of, send
from tests.factories import AttachmentFactory, ProjectFactory, open_plan, plan_update, target_update
from workflow.models import Record
from workflow.states import State

UNIT_SLIP = "像是大了约 10 倍"


@pytest.fixture
def update(cast):
    """The first month's: 100 where 10 are planned, and 10."""
    found = target_update(cast.issued_map(), cast.clerk)
    wrong = found.lines()[0]
    wrong.value = Decimal(100)
    wrong.save()
    return found


def look(client, who, address):
    client.force_login(who)
    return client.get(address).content.decode()


def page_of(record):
    return reverse("workflow:record", args=[record.pk])


def edit_page_of(record):
    return reverse("editing:edit", args=[record.pk])


def hints_now(client, update, fields):
    return autosave(client, update, fields).json()["advice"]["hints"]


def confirmed(shown, word=""):
    return {"values-0-hint_ok": shown["token"], "values-0-hint_word": word}


def test_a_save_answers_with_the_hints_of_what_was_typed(client, cast, update):
    client.force_login(cast.clerk)
    found = hints_now(client, update, fields_of(update))
    assert UNIT_SLIP in found["values-0-hints"]["texts"][0]
    assert found["values-1-hints"] is None
    found = hints_now(client, update, fields_of(update, **{"values-0-value": "10"}))
    assert found["values-0-hints"] is None


def test_a_hint_forbids_nothing(client, cast, update):
    client.force_login(cast.clerk)
    send(client, update, fields_of(update), "submit")
    assert TargetUpdate.objects.get(pk=update.pk).state == State.SUBMITTED


def test_confirmed_with_one_click_it_is_open_no_more(client, cast, update):
    client.force_login(cast.clerk)
    assert set(open_hints([update], for_office=False)) == {update.pk}
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    shown = hints_now(client, update, fields_of(update, **confirmed(shown)))["values-0-hints"]
    assert (shown["answered"], shown["word"]) == (True, DEFAULT_WORD)
    hints_now(client, update, fields_of(update, **confirmed(shown, "一次性集中办理")))
    answer = HintAnswer.objects.get()
    assert (answer.word, answer.person, answer.about) == ("一次性集中办理", cast.clerk, "100")
    assert open_hints([update], for_office=False) == {}


def test_another_value_is_asked_about_again(client, cast, update):
    client.force_login(cast.clerk)
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    send(client, update, fields_of(update, **confirmed(shown)))
    send(client, update, fields_of(update, **confirmed(shown), **{"values-0-value": "110"}))
    assert set(open_hints([update], for_office=False)) == {update.pk}
    send(client, update, fields_of(update, **{"values-0-value": "100"}))
    assert open_hints([update], for_office=False) == {}


def test_without_the_tick_it_is_open_again(client, cast, update):
    client.force_login(cast.clerk)
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    send(client, update, fields_of(update, **confirmed(shown)))
    hints_now(client, update, fields_of(update, **{"values-0-hint_word": "已核对"}))
    assert set(open_hints([update], for_office=False)) == {update.pk}


def test_a_page_that_sends_no_word_changes_no_answer(client, cast, update):
    client.force_login(cast.clerk)
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    send(client, update, fields_of(update, **confirmed(shown)))
    hints_now(client, update, fields_of(update, **{"values-0-remark": "另有说明"}))
    assert open_hints([update], for_office=False) == {}


def test_a_confirmation_is_part_of_what_the_reviewer_decides_on(client, cast, update):
    client.force_login(cast.clerk)
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    before = Record.objects.get(pk=update.pk).version
    hints_now(client, update, fields_of(update, **confirmed(shown)))
    assert Record.objects.get(pk=update.pk).version == before + 1


def test_both_reviewers_read_hints_and_answers_beside_the_value(client, cast, update):
    client.force_login(cast.clerk)
    shown = hints_now(client, update, fields_of(update))["values-0-hints"]
    send(client, update, fields_of(update, **confirmed(shown, "一次性集中办理")), "submit")
    for who in (cast.reviewer, cast.office):
        page = look(client, who, page_of(update))
        assert UNIT_SLIP in page
        assert "录入人员已确认无误：一次性集中办理" in page


def test_what_is_settled_shows_what_was_confirmed_and_asks_no_more(client, cast, update):
    cast.bring(update, State.CONFIRMED)
    assert UNIT_SLIP not in look(client, cast.office, page_of(update))
    HintAnswer.objects.create(
        record=update,
        subject=str(update.lines()[0].indicator_id),
        rule="magnitude",
        about="100",
        text="数量级",
        word="无误",
        person=cast.clerk,
    )
    assert "录入人员已确认无误：无误" in look(client, cast.office, page_of(update))
    assert "已确认无误" not in look(client, cast.partner, page_of(update))


def test_the_office_alone_is_told_of_values_always_on_target(client, cast):
    drawn = cast.issued_map()
    first, _ = drawn.indicators.all()
    first.targets.filter(month__lt=6).update(actual=10)
    first.targets.filter(month=5).update(target=11, actual=11)
    update = cast.bring(target_update(drawn, cast.clerk, 6), State.DEPT_APPROVED)
    assert "连续 6 期" in look(client, cast.office, page_of(update))
    assert "连续 6 期" not in look(client, cast.reviewer, page_of(update))


def done_plan(cast, drawn, plan, digest):
    update = plan_update(plan, cast.clerk, PlanStatus.DONE)
    AttachmentFactory(record=update, digest=digest, name="会议纪要.pdf")
    return update


def test_a_plan_done_by_files_of_another_is_questioned(client, cast):
    drawn = cast.issued_map()
    first, second, third = (plan for measure in drawn.measures.all() for plan in measure.plans.all())
    cast.bring(done_plan(cast, drawn, first, "a" * 64), State.SUBMITTED)
    again = done_plan(cast, drawn, second, "a" * 64)
    other = done_plan(cast, drawn, third, "b" * 64)
    assert set(open_hints([again, other], for_office=False)) == {again.pk}
    assert "佐证材料重复：“会议纪要.pdf”与市发展改革委“数字经济改革”" in look(client, cast.clerk, edit_page_of(again))
    assert "佐证材料重复" not in look(client, cast.clerk, edit_page_of(other))


def test_files_of_another_department_are_told_to_the_office_alone(cast):
    elsewhere = ProjectFactory(department=cast.education)
    theirs = cast.issued_map()
    update = done_plan(cast, theirs, open_plan(theirs), "a" * 64)
    used = cast.bring(plan_update(theirs.measures.last().plans.first(), cast.clerk), State.SUBMITTED)
    AttachmentFactory(record=used, digest="a" * 64)
    Record.objects.filter(pk=used.pk).update(dossier=elsewhere)
    assert open_hints([update], for_office=False) == {}
    assert set(open_hints([update], for_office=True)) == {update.pk}


def test_of_a_sheet_that_everybody_attaches_some_are_counted(cast, monkeypatch):
    """Those of other departments, which come first, leave room for the own."""
    monkeypatch.setattr(records, "MOST_NAMED", 1)
    monkeypatch.setattr(records, "MOST_COUNTED", 2)
    monkeypatch.setattr(records, "MOST_READ", 3)
    drawn = cast.issued_map()
    first, second, third = (plan for measure in drawn.measures.all() for plan in measure.plans.all())
    used, own = (cast.bring(plan_update(plan, cast.clerk), State.SUBMITTED) for plan in (first, second))
    AttachmentFactory.create_batch(4, record=used, digest="a" * 64)
    AttachmentFactory.create_batch(2, record=own, digest="a" * 64)
    Record.objects.filter(pk=used.pk).update(dossier=ProjectFactory(department=cast.education))
    update = done_plan(cast, drawn, third, "a" * 64)

    def words(*, for_office):
        [hint] = open_hints([update], for_office=for_office)[update.pk]
        return hint.text

    assert "“数字经济改革”" in words(for_office=False)
    assert "等 2 处。" in words(for_office=False)
    assert "等 2 处以上。" in words(for_office=True)


@pytest.mark.parametrize("number", [1, 3])
def test_any_number_of_records_costs_the_same(cast, django_assert_num_queries, number):
    drawn = cast.issued_map()
    plans = [plan for measure in drawn.measures.all() for plan in measure.plans.all()]
    updates = [target_update(drawn, cast.clerk, month) for month in range(1, number + 1)]
    updates += [done_plan(cast, drawn, plan, "a" * 64) for plan in plans[:number]]
    records = list(Record.objects.filter(pk__in=[update.pk for update in updates]))
    with django_assert_num_queries(8):
        open_hints(records, for_office=True)
