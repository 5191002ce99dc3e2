"""逐项退回: what was not ticked stays as it is, to the byte, whatever is sent; of every kind, at both levels."""

import json
import re

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reform.forms import FORMS
from reform.models import BattleMap, PlanUpdate, TargetUpdate
from tests.editing import fields_of, reloaded, send
from tests.factories import AttachmentFactory
from tests.workflow.sent_back import LEVELS, first_value, sent_back
from workflow.actions import open_item, perform
from workflow.files import remove_file
from workflow.items import closed_part
from workflow.models import Attachment
from workflow.refusals import ActionRefused, ClosedItem
from workflow.states import State

KINDS = [pytest.param(kind, id=kind.__name__) for kind in FORMS]


def sent_back_again(cast, record):
    cast.act(record, "clerk", "submit")
    cast.act(record, "reviewer", "reject", items={"work_done": ""})
    return reloaded(record)


def form_fields(form):
    return [(part, name) for part in [form, *form.row_forms()] for name in part.fields if name not in ("id", "version")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_a_form_is_opened_by_some_item(cast, kind):
    record = cast.make(kind)
    record = sent_back(cast, record, dict.fromkeys(record.items(), ""))
    form = FORMS[kind](instance=record)
    assert [name for part, name in form_fields(form) if name in part.closed] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_item_of_the_list_leads_to_one_place_of_the_form(cast, client, kind):
    record = cast.make(kind)
    record = sent_back(cast, record, dict.fromkeys(record.items(), ""))
    client.force_login(cast.clerk)
    page = client.get(f"/records/{record.pk}/edit/").content.decode()
    listed = re.findall(r'href="#(reason-[^"]+)"', page)
    assert listed == [f"reason-{place}" for place in record.items()]
    assert [place for place in listed if page.count(f'id="{place}"') != 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_ticked_is_closed(cast, kind):
    record = cast.make(kind)
    *_, last = (place for place in record.items() if place not in ("attachments", "classified_notices"))
    record = sent_back(cast, record, {last: ""})
    form = FORMS[kind](instance=record)
    places = {part.address_of(name) for part, name in form_fields(form) if not part.fields[name].disabled}
    assert places
    assert all(place == last or place.startswith(f"{last}.") for place in places)
    assert all(rows.is_closed for rows in form.all_rows())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS, ids=["department", "office"])
def test_nothing_ticked_opens_the_whole_record(cast, kind, level):
    record = sent_back(cast, cast.make(kind), {}, level)
    form = FORMS[kind](instance=record)
    assert (record.opened.items, [part.closed for part, _ in form_fields(form) if part.closed]) == ((), [])


TYPED = st.one_of(
    st.sampled_from(
        ["", "0", "7", "3.5", "-1", "on", "12", "1", "done", "level", "qualitative", "ended", "2026-07-01"]
    ),
    st.text(max_size=12),
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("level", LEVELS, ids=["department", "office"])
def test_what_was_not_ticked_stays_to_the_byte_whatever_is_sent(cast, client, kind, level):
    record = cast.make(kind)
    AttachmentFactory(record=record, name="甲.pdf")
    AttachmentFactory(record=record, name="乙.pdf")
    names = list(record.items())
    cast.bring(record, level[0])
    client.force_login(cast.clerk)

    @settings(
        max_examples=12,
        phases=[Phase.explicit, Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def whatever_is_sent(data):
        ticked = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        with transaction.atomic():
            cast.act(record, level[1], level[2], items=dict.fromkeys(ticked, ""))
            before = reloaded(record)
            kept = closed_part(before.full_snapshot(), before.opened)
            honest = fields_of(before)
            everything = honest | {
                part.add_prefix(name): part[name].value() or ""
                for part, name in form_fields(FORMS[kind](instance=before))
            }
            sent = dict(data.draw(st.sampled_from([honest, everything])))
            for name in data.draw(st.lists(st.sampled_from(sorted(everything)), max_size=6)):
                sent[name] = data.draw(TYPED)
            for name in data.draw(st.lists(st.sampled_from(sorted(sent)), max_size=2)):
                sent.pop(name, None)
            extra = data.draw(st.sampled_from([{}, {"remove": "plans-0"}, {"remove": "measures-0"}, {"add": "plans"}]))
            files = reloaded(record).attachments.current()
            gone = {"remove_file": data.draw(st.sampled_from([*files.values_list("pk", flat=True), ""]))}
            button = data.draw(st.sampled_from(["save", "autosave", "submit"]))
            assert send(client, record, sent | extra | gone, button).status_code in (200, 302, 409, 422)
            after = reloaded(record).full_snapshot()
            assert json.dumps(closed_part(after, before.opened)) == json.dumps(kept)
            transaction.set_rollback(True)

    whatever_is_sent()


# --- Ticking, at both levels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS, ids=["department", "office"])
def test_a_tick_is_kept_with_its_name_and_words_in_the_event(cast, level):
    record = cast.make(TargetUpdate)
    place = first_value(record)
    record = sent_back(cast, record, {place: " 应填当月新增值。 "}, level)
    event = record.events.first()
    assert event.items == [{"address": place, "label": record.items()[place], "words": "应填当月新增值。"}]
    assert [(item.address, item.asked) for item in record.opened.items] == [(place, False)]


@pytest.mark.parametrize("place", ["values", "values.0", "month", "version", "state", "values.1.value.x", "附件"])
def test_a_forged_tick_is_refused(cast, place):
    record = cast.bring(cast.make(TargetUpdate), State.SUBMITTED)
    with pytest.raises(ActionRefused, match="勾选的内容已不在这条记录中"):
        perform(record.pk, "reject", cast.reviewer, record.version, reason="数据有误", detail="请改", items={place: ""})
    assert reloaded(record.specific).state == State.SUBMITTED


def test_ticks_sent_with_a_pass_open_nothing(cast):
    record = cast.make(TargetUpdate)
    record = cast.act(cast.bring(record, State.SUBMITTED), "reviewer", "approve", items={first_value(record): ""})
    assert record.events.first().items == []


def test_the_ticks_of_the_newest_decision_count(cast):
    record = cast.make(PlanUpdate)
    record = sent_back(cast, record, {"work_done": ""})
    cast.act(record, "clerk", "submit")
    cast.act(record, "reviewer", "reject", items={"difficulties": "", "next_steps": ""})
    assert [item.address for item in reloaded(record).opened.items] == ["difficulties", "next_steps"]
    cast.act(record, "clerk", "submit")
    cast.act(record, "reviewer", "reject")
    assert reloaded(record).opened.items == ()


@pytest.mark.parametrize("way", [["clerk withdraw"], ["reviewer approve", "reviewer take_back", "clerk withdraw"]])
def test_withdrawn_again_the_same_is_open(cast, way):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": "请写具体"})
    cast.act(record, "clerk", "submit")
    for step in way:
        cast.act(record, *step.split())
    record = reloaded(record)
    assert (record.state, [item.words for item in record.opened.items]) == (State.DRAFT, ["请写具体"])


def test_voided_it_opens_nothing_to_anybody(cast):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    record = cast.act(record, "clerk", "void")
    with pytest.raises(ActionRefused):
        open_item(record.pk, cast.clerk, record.version, "status", "再改")


# --- What the clerk may change -------------------------------------------------------------------------------------


def test_what_is_open_is_saved_and_the_rest_keeps_what_the_database_says(client, cast):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": "请写具体"})
    before = reloaded(record).snapshot()
    client.force_login(cast.clerk)
    assert send(client, record, fields_of(record, work_done="写具体了")).status_code == 302
    assert reloaded(record).snapshot() == before | {"work_done": "写具体了"}


@pytest.mark.parametrize("button", ["save", "submit", "autosave"])
def test_a_forged_post_of_something_closed_is_refused_with_a_sentence(client, cast, button):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    before = reloaded(record).snapshot()
    client.force_login(cast.clerk)
    answer = send(client, record, fields_of(record, work_done="写具体了", difficulties="伪造"), button)
    assert answer.status_code == 422
    assert reloaded(record).snapshot() == before
    if button != "autosave":
        assert "没有退回，不能修改" in answer.content.decode()


def test_rows_can_be_added_and_removed_in_an_open_list_alone(client, cast):
    record = cast.make(BattleMap)
    measure = record.measures.first()
    record = sent_back(cast, record, {f"measures.{measure.pk}.plans": "再加一项"})
    client.force_login(cast.clerk)
    number = measure.plans.count()
    sent = fields_of(record)
    new = {"month": "9", "type": "pilot", "content": "再试点一批"}
    added = sent | {f"measures-0-plans-{number}-{name}": value for name, value in new.items()}
    added["measures-0-plans-TOTAL_FORMS"] = str(number + 1)
    assert send(client, record, added).status_code == 302
    assert measure.plans.count() == number + 1
    sent = fields_of(record)
    answer = send(client, record, sent | {"measures-TOTAL_FORMS": "4"})
    assert (answer.status_code, record.measures.count()) == (422, 3)
    assert "这一部分没有退回" in answer.content.decode()
    fewer = {name: value for name, value in sent.items() if not name.startswith("indicators-1-")}
    assert send(client, record, fewer | {"indicators-TOTAL_FORMS": "1"}).status_code == 422
    assert record.indicators.count() == 2


def test_a_month_alone_may_be_opened(client, cast):
    record = cast.make(BattleMap)
    indicator = record.indicators.first()
    record = sent_back(cast, record, {f"indicators.{indicator.pk}.months.5": "过高"})
    row = FORMS[BattleMap](instance=record).indicators.forms[0]
    assert [name for name in row.fields if name not in row.closed] == ["id", "m5", "w5"]


def test_no_file_comes_or_goes_where_files_were_not_ticked(client, cast):
    record = cast.make(TargetUpdate)
    file = AttachmentFactory(record=record, name="甲.pdf")
    record = sent_back(cast, record, {first_value(record): ""})
    client.force_login(cast.clerk)
    answer = client.post(f"/records/{record.pk}/files/{file.pk}/remove/", headers={"Accept": "application/json"})
    assert "附件“甲.pdf”没有退回，不能修改" in answer.json()["problems"][0]["text"]
    assert record.attachments.current().count() == 1


def test_in_the_place_of_a_file_that_was_ticked_another_one_may_come(cast):
    record = cast.make(PlanUpdate)
    bad, good = AttachmentFactory(record=record, name="甲.pdf"), AttachmentFactory(record=record, name="乙.pdf")
    record = sent_back(cast, record, {f"attachments.{bad.pk}": "看不清"})
    remove_file(record, cast.clerk, bad.pk)
    with pytest.raises(ClosedItem, match=r"附件“乙\.pdf”没有退回"):
        remove_file(record, cast.clerk, good.pk)
    assert list(Attachment.objects.current().filter(record=record.pk)) == [good]


# --- 另行要求打开 ---------------------------------------------------------------------------------------------------


def test_the_clerk_has_one_more_item_opened_with_a_reason(client, cast, look):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    client.force_login(cast.clerk)
    asked = {"open_item": "1", "open_place": "difficulties", "open_words": "问题也有变化"}
    assert client.post(f"/records/{record.pk}/edit/", fields_of(record) | asked).status_code == 302
    record = reloaded(record)
    assert [(item.address, item.words, item.asked) for item in record.opened.items] == [
        ("work_done", "", False),
        ("difficulties", "问题也有变化", True),
    ]
    assert record.events.first().label == "另行要求打开"
    assert send(client, record, fields_of(record, difficulties="新的问题"), "submit").status_code == 302
    page = look("reviewer", record)
    assert "另行要求打开" in page
    assert "问题也有变化" in page
    assert "<ins>新的问题</ins>" in page


@pytest.mark.parametrize(
    ("place", "words", "sentence"),
    [
        ("difficulties", " ", "请填写要求打开的理由"),
        ("work_done", "再改", "这一项已经打开"),
        ("nothing", "再改", "勾选的内容已不在"),
    ],
)
def test_what_cannot_be_opened_is_said(cast, place, words, sentence):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    with pytest.raises(ActionRefused, match=sentence):
        open_item(record.pk, cast.clerk, record.version, place, words)


def test_its_clerks_alone_have_one_more_item_opened(cast):
    record = sent_back(cast, cast.make(PlanUpdate), {"work_done": ""})
    opened = set()
    for who, person in cast.people.items():
        try:
            open_item(record.pk, person, record.version, "difficulties", "还要改")
        except ActionRefused:
            continue
        opened.add(who)
        record = sent_back_again(cast, record)
    assert opened == {"clerk", "clerk2"}
