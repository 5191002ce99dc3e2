"""A record begins with the first input: opening its form writes nothing, and one page begins one record."""

import pytest
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.urls import reverse

from reform.models import (
    BattleMap,
    BrandUpdate,
    Closure,
    Extension,
    MeasureIteration,
    PlanUpdate,
    PromotionUpdate,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
)
from tests import factories
from tests.documents import PDF
from tests.editing import autosave, fields_of, typed_into
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql

JSON = {"Accept": "application/json"}
PROMOTION = {"method": "press", "promoted_on": "2026-06-30", "summary": "召开发布会。"}


@pytest.fixture
def new(cast, client):
    """new(kind, key): the page of something not begun, as its clerk opened it."""
    client.force_login(cast.clerk)

    def open_page(kind, key):
        return Page(client, reverse("editing:new", args=[kind._meta.model_name, key]))

    return open_page


class Page:
    """A page that was opened once and sends what it holds, with something typed over."""

    def __init__(self, client, address):
        self.client, self.address = client, address
        answer = client.get(address)
        self.fields = typed_into(answer.context["form"]) | {"token": answer.context["token"]}

    def send(self, button, **typed):
        typed = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.client.post(self.address, self.fields | typed | {button: ""})

    def autosave(self, **typed):
        typed = {name.replace("__", "-"): value for name, value in typed.items()}
        return self.client.post(self.address, self.fields | typed | {"autosave": "1"}, headers=JSON)


def drafts():
    return Record.objects.filter(state=State.DRAFT)


@pytest.fixture
def matters(cast):
    """{kind: (key, something to type)} of everything a clerk can begin."""
    drawn = cast.issued_map()
    drawn_next = factories.ProjectFactory(name="另一项", department=cast.planning)
    return {
        BattleMap: (f"{drawn_next.pk}-2026", {"measures__0__content": "第一条"}),
        TargetUpdate: (f"{drawn.pk}-2", {"values__1__value": "7.5"}),
        PlanUpdate: (factories.open_plan(drawn).pk, {"work_done": "已召开启动会。"}),
        PromotionUpdate: (cast.project.pk, PROMOTION),
        BrandUpdate: (cast.project.pk, {"circumstances": "具体情形。"}),
        MeasureIteration: (f"{drawn.pk}-{drawn.measures.first().pk}", {"plans__0__content": "改过的计划"}),
        TargetAdjustment: (drawn.indicators.first().pk, {"basis": "市委深改委会议要求。"}),
        Extension: (factories.open_plan(drawn).pk, {"reason": "上级政策尚未出台。"}),
        Closure: (cast.project.pk, {"results": "目标全部完成。"}),
        SupervisionReport: (factories.matter(cast).pk, {"work_done": "已办理。"}),
    }


KINDS = [
    BattleMap,
    TargetUpdate,
    PlanUpdate,
    PromotionUpdate,
    BrandUpdate,
    MeasureIteration,
    TargetAdjustment,
    Extension,
    Closure,
    SupervisionReport,
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_input_begins_the_draft_and_the_page_goes_on_as_its_own(cast, client, new, matters, kind):
    key, typed = matters[kind]
    page = new(kind, key)
    assert not drafts().exists()
    assert page.autosave().json()["message"] == ""
    assert not drafts().exists()

    answer = page.autosave(**typed).json()
    begun = drafts().get().specific
    assert (type(begun), begun.creator, begun.version, answer["version"]) == (kind, cast.clerk, 1, 1)
    assert answer["addresses"] == {
        "edit": f"/records/{begun.pk}/edit/",
        "upload": f"/records/{begun.pk}/files/",
        "classified": f"/records/{begun.pk}/classified/",
        "discard": f"/records/{begun.pk}/discard/",
    }
    [name] = {*typed} - {"method", "promoted_on"}
    fields = page.fields | {field.replace("__", "-"): value for field, value in typed.items()} | answer["ids"]
    fields |= {"version": 1, name.replace("__", "-"): "8.5"}
    again = client.post(answer["addresses"]["edit"], fields | {"autosave": "1"}, headers=JSON)
    assert again.json()["version"] == 2
    kept = client.get(answer["addresses"]["edit"]).context["form"]
    assert typed_into(kept)[name.replace("__", "-")] == "8.5"
    assert len([row for row in kept.row_forms() if row.instance.pk]) == len(answer["ids"])


@pytest.mark.parametrize("kind", KINDS)
def test_saving_and_submitting_work_from_the_first_page(new, matters, kind):
    key, typed = matters[kind]
    answer = new(kind, key).send("save", **typed)
    begun = drafts().get()
    assert (answer.status_code, answer.url) == (302, f"/records/{begun.pk}/edit/")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == ["草稿已保存。"]
    begun.specific.delete()
    answer = new(kind, key).send("submit", **typed)
    begun = Record.objects.order_by("pk").last()
    if answer.status_code == 422:  # what is missing is named on the page of the record
        assert answer.context["problems"]
        assert answer.context["address"] == f"/records/{begun.pk}/edit/"
    else:
        assert answer.url == f"/records/{begun.pk}/"
        assert begun.state == State.SUBMITTED


def test_values_belong_to_the_indicators_that_the_page_named(cast, new, matters):
    drawn = cast.issued_map()
    page = new(TargetUpdate, matters[TargetUpdate][0])
    first, second = drawn.indicators.all()
    assert (page.fields["values-0-id"], page.fields["values-1-id"]) == (str(first.pk), str(second.pk))
    page.autosave(values__0__id=second.pk, values__1__id=first.pk, values__0__value="2", values__1__value="1")
    values = dict(TargetUpdate.objects.get().values.values_list("indicator", "value"))
    assert values == {first.pk: 1, second.pk: 2}


def test_a_plan_that_was_cancelled_meanwhile_is_told_and_nothing_is_lost(cast, new, matters):
    drawn = cast.issued_map()
    measure = drawn.measures.first()
    page = new(MeasureIteration, f"{drawn.pk}-{measure.pk}")
    measure.plans.create(month=8, type="pilot", content="保留的一项")
    measure.plans.filter(month=2).update(cancelled_at="2026-07-15T01:00Z")
    answer = page.send("save", plans__0__content="改过的计划")
    assert answer.status_code == 422
    assert "这一行已不在本记录中" in answer.content.decode()
    assert "改过的计划" in answer.content.decode()


# --- One page, one record --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PromotionUpdate, BrandUpdate])
def test_one_page_sent_twice_begins_one_record_and_another_page_another(new, matters, kind):
    key, typed = matters[kind]
    page = new(kind, key)
    assert page.send("save", **typed).status_code == 302
    again = page.send("save", **typed)
    assert again.status_code == 409
    assert kind.objects.count() == 1
    new(kind, key).send("save", **typed)
    assert kind.objects.count() == 2


def test_a_new_measure_sent_twice_is_one_application(cast, new):
    page = new(MeasureIteration, cast.issued_map().pk)
    for button in ("save", "save"):
        page.send(button, content="新的举措")
    page.autosave(content="新的举措")
    assert MeasureIteration.objects.count() == 1


def test_a_second_click_on_submit_submits_once(cast, new):
    cast.issued_map()
    page = new(PromotionUpdate, cast.project.pk)
    evidence = {"classified_title": "材料", "classified_sent_on": "2026-06-30"}
    first, second = page.send("submit", **PROMOTION, **evidence), page.send("submit", **PROMOTION, **evidence)
    begun = PromotionUpdate.objects.get()
    assert first.url == second.url == f"/records/{begun.pk}/"
    assert begun.events.count() == 1


@pytest.mark.parametrize("token", ["", "x", "2026", "'" * 22, "甲" * 22, "a" * 5000])
def test_a_forged_token_does_no_harm(cast, new, token):
    cast.issued_map()
    assert new(PromotionUpdate, cast.project.pk).send("save", **PROMOTION | {"token": token}).status_code == 302
    assert PromotionUpdate.objects.get().slot is None


# --- Two people, or two pages ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [BattleMap, TargetUpdate, PlanUpdate, MeasureIteration])
def test_whoever_comes_second_sees_both_texts_and_goes_on_with_the_one_record(cast, client, new, matters, kind):
    key, typed = matters[kind]
    early, late = new(kind, key), new(kind, key)
    early.autosave(**typed)
    [name] = typed
    answer = late.autosave(**{name: "8.5"})
    assert (answer.status_code, answer.json()) == (409, {"message": "这一事项已经开始填报，请核对最新内容后再操作。"})
    answer = late.send("save", **{name: "8.5"})
    page = answer.content.decode()
    begun = drafts().get()
    assert answer.status_code == 409
    assert "这一事项已经开始填报，请核对最新内容后再操作。" in page
    assert "8.5" in page
    assert f'action="/records/{begun.pk}/edit/"' in page
    fields = late.fields | {field.html_name: field.value() or "" for field in answer.context["form"]}
    fields |= {name.replace("__", "-"): "8.5"}
    assert client.post(f"/records/{begun.pk}/edit/", fields | {"save": ""}).status_code == 302


def test_what_was_submitted_meanwhile_takes_no_more_but_the_text_can_be_copied(cast, new, matters):
    key, _ = matters[PlanUpdate]
    page = new(PlanUpdate, key)
    cast.bring(factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk2), State.SUBMITTED)
    answer = page.send("save", work_done="我写的工作")
    assert answer.status_code == 409
    assert "我写的工作" in answer.content.decode()
    assert PlanUpdate.objects.count() == 1


def test_what_cannot_be_begun_any_more_can_be_copied(cast, new, matters):
    key, _ = matters[PlanUpdate]
    page = new(PlanUpdate, key)
    plan = factories.open_plan(cast.issued_map())
    plan.status = "done"
    plan.save()
    answer = page.send("save", work_done="我写的工作")
    assert answer.status_code == 409
    assert "这项计划已完成，不再更新。" in answer.content.decode()
    assert "我写的工作" in answer.content.decode()
    answer = page.autosave(work_done="我写的工作")
    assert answer.json() == {"message": "这项计划已完成，不再更新。内容没有保存，请复制后另行填报。"}
    assert not PlanUpdate.objects.exists()


@pytest.mark.parametrize("button", ["save", "submit"])
def test_a_lock_that_cannot_be_had_loses_no_text(cast, new, monkeypatch, button):
    cast.issued_map()
    page = new(PromotionUpdate, cast.project.pk)

    def wait(pk):
        raise OperationalError("database is locked")

    monkeypatch.setattr("workflow.actions.lock_dossier", wait)
    answer = page.send(button, **PROMOTION)
    assert answer.status_code == 503
    assert "召开发布会。" in answer.content.decode()
    assert f'action="{page.address}"' in answer.content.decode()
    assert page.autosave(**PROMOTION).json() == {"message": "系统繁忙，请稍后再试。"}
    assert not PromotionUpdate.objects.exists()


# --- What cannot be kept, and evidence ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_untouched_page_that_is_refused_begins_nothing(new, matters, kind):
    key, _ = matters[kind]
    before = drafts().count()
    page = new(kind, key)
    answer = page.send("submit")
    assert answer.status_code == 422
    assert answer.context["problems"]
    assert drafts().count() == before
    assert answer.context["token"] == page.fields["token"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_that_saves_itself_unchanged_overtakes_nobody(client, new, matters, kind):
    """Nor with a row that was added to it."""
    key, typed = matters[kind]
    added = {"plans__1__month": "8", "plans__1__type": "pilot", "plans__1__content": "新增的一项"}
    if kind is MeasureIteration:
        typed |= added | {"plans__TOTAL_FORMS": "2"}
    new(kind, key).autosave(**typed)
    begun = drafts().get().specific
    again = autosave(client, begun, fields_of(begun))
    assert (again.status_code, again.json()["version"]) == (200, 1)


def test_autosave_of_what_cannot_be_kept_begins_nothing(new, matters):
    key, _ = matters[TargetUpdate]
    answer = new(TargetUpdate, key).autosave(values__0__value="甲")
    assert (answer.status_code, answer.json()) == (422, {"message": "有内容填写有误，改正后才能自动保存。"})
    assert not drafts().exists()


@pytest.mark.parametrize("summary", ["", "字" * 5001])
def test_evidence_begins_the_draft_whatever_the_fields_hold(cast, client, new, summary):
    cast.issued_map()
    answer = new(PromotionUpdate, cast.project.pk).autosave(begin="1", summary=summary)
    addresses = answer.json()["addresses"]
    file = ContentFile(PDF, "佐证.pdf")
    kept = client.post(addresses["upload"], {"unclassified": "on", "files": file}, headers=JSON)
    assert [saved["name"] for saved in kept.json()["saved"]] == ["佐证.pdf"]
    assert drafts().get().attachments.count() == 1


def test_files_sent_with_the_first_page_are_kept(cast, new):
    cast.issued_map()
    file = ContentFile(PDF, "佐证.pdf")
    new(PromotionUpdate, cast.project.pk).send("save", unclassified="on", files=file, **PROMOTION)
    begun = drafts().get()
    assert [attachment.name for attachment in begun.attachments.all()] == ["佐证.pdf"]
    assert begun.version == 1


# --- What is marked as required -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_what_an_empty_form_is_refused_for_is_what_it_marks(cast, new, matters, kind):
    key, _ = matters[kind]
    page = new(kind, key)
    blank = {name: "" for name in page.fields if name not in ("version", "token") and "-" not in name}
    answer = page.send("submit", **blank)
    form = answer.context["form"]
    marked = {name for name, field in form.fields.items() if getattr(field, "is_must", False)}
    refused = {problem.field for problem in answer.context["problems"]} & set(form.fields)
    refused -= {"m1"}  # of the months of a table, none is marked
    assert refused == marked - {"single_indicator_reason"}  # asked for where there is one indicator


def test_marks_are_said_to_those_who_do_not_see_them(cast, new, matters):
    cast.issued_map()
    page = new(PromotionUpdate, cast.project.pk)
    text = page.client.get(page.address).content.decode()
    mark = '<span class="must" aria-hidden="true">*</span><span class="visually-hidden">（必填）</span>'
    for label in ("推广方式", "推广日期", "具体情况简介", "上传附件"):
        assert label + mark in text
    assert "为上报时必填；保存为草稿时可以不填。" in text
