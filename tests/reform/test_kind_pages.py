"""The page behind each entry of the navigation: what a clerk can begin there, and the records that each may see."""

from collections import Counter

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from reform.models import (
    BattleMap,
    BrandUpdate,
    DueItem,
    MeasureIteration,
    PlanUpdate,
    Project,
    PromotionUpdate,
    Stage,
    TargetUpdate,
)
from reform.models.due_schedule import rebuild
from tests import factories
from tests.work import work_rows
from workflow.models import Record
from workflow.states import State

pytestmark = pytest.mark.sql

KINDS = [BattleMap, TargetUpdate, PlanUpdate, PromotionUpdate, BrandUpdate, MeasureIteration]
# The manual's own words (4.1.2, 4.2 to 4.6).
HEADINGS_AND_BUTTONS = [
    (BattleMap, "绘制项目作战图", "更新"),
    (TargetUpdate, "量化目标推进更新", "更新"),
    (PlanUpdate, "月度计划推进更新", "月度计划本次状态更新"),
    (PromotionUpdate, "经验复制推广推进更新", "经验复制推广更新"),
    (BrandUpdate, "品牌显示度推进更新", "品牌显示度推进更新"),
    (MeasureIteration, "措施迭代申请", "申请迭代"),
]


@pytest.fixture
def visit(client, cast):
    """visit("clerk", kind, project=…): the answer to that person's GET of the kind's page."""

    def get(who, kind, **query):
        client.force_login(getattr(cast, who))
        return client.get(address(kind), query)

    return get


@pytest.fixture
def open_new(client, cast):
    """open_new("clerk", kind, key): the answer to that person's GET of the form of something not begun yet."""

    def get(who, kind, key):
        client.force_login(getattr(cast, who))
        return client.get(f"/kinds/{kind._meta.model_name}/new/{key}/")

    return get


def address(kind):
    return reverse("reform:kind", args=[kind._meta.model_name])


def offered(answer):
    return [(row.project.name, row.title) for row in answer.context["work_items"]]


def listed(answer):
    return [record.pk for record in answer.context["page_obj"]]


def button(answer, words, *, disabled=False):
    """Whether the page has that button, and whether it can be pressed."""
    lines = [line for line in answer.content.decode().splitlines() if f">{words}</" in line and "btn" in line]
    return any(("disabled" in line) is disabled for line in lines)


# --- What can be begun ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "heading", "label"), HEADINGS_AND_BUTTONS)
def test_headings_and_buttons_are_the_manuals(cast, visit, kind, heading, label):
    if kind is not BattleMap:
        cast.issued_map()
    answer = visit("clerk", kind)
    assert f"<h1>{heading}</h1>" in answer.content.decode()
    assert button(answer, label)


@pytest.mark.parametrize("kind", [TargetUpdate, PromotionUpdate, BrandUpdate, BattleMap])
def test_the_button_opens_a_form_and_begins_nothing(cast, visit, open_new, kind):
    if kind is not BattleMap:
        cast.issued_map()
    listing = visit("clerk", kind)
    key = listing.context["work_items"][0].key
    assert f'href="/kinds/{kind._meta.model_name}/new/{key}/"' in listing.content.decode()
    todo = listing.context["todo_count"]
    answer = open_new("clerk", kind, key)
    assert answer.status_code == 200
    assert answer.context["form"].instance.pk is None
    assert not kind.objects.filter(state=State.DRAFT).exists()
    assert answer.context["todo_count"] == todo


@pytest.mark.parametrize("who", ["clerk", "clerk2"])
def test_what_is_begun_is_opened_at_its_own_address(cast, open_new, who):
    drawn = cast.issued_map()
    draft = factories.target_update(drawn, cast.clerk, month=7)
    assert open_new(who, TargetUpdate, f"{drawn.pk}-7").url == f"/records/{draft.pk}/edit/"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["partner", "stranger"])
def test_nothing_of_other_departments_is_offered_or_begun(cast, visit, open_new, who, kind):
    key = {BattleMap: f"{cast.project.pk}-2026", TargetUpdate: f"{cast.issued_map().pk}-7"}
    key |= {PlanUpdate: factories.open_plan(cast.issued_map()).pk, MeasureIteration: cast.issued_map().pk}
    before = Record.objects.count()
    assert visit(who, kind).context["has_work_items"] is False
    answer = open_new(who, kind, key.get(kind, cast.project.pk))
    assert answer.status_code == 404
    for button in ("save", "submit", "autosave"):
        assert answer.client.post(answer.request["PATH_INFO"], {"version": 0, button: ""}).status_code == 404
    assert Record.objects.count() == before


@pytest.mark.parametrize("who", ["reviewer", "office", "admin", "auditor"])
def test_only_clerks_begin(cast, client, open_new, who):
    answer = open_new(who, TargetUpdate, f"{cast.issued_map().pk}-7")
    assert answer.status_code == 404
    assert client.post(answer.request["PATH_INFO"], {"version": 0, "save": ""}).status_code == 404
    assert not TargetUpdate.objects.exists()


@pytest.mark.parametrize("key", ["x", "1", "1-2-3", "-1-7", "１-7", f"{'9' * 30}-7", "0-7", "1-'"])
def test_a_forged_key_is_not_there(cast, open_new, key):
    cast.issued_map()
    assert open_new("clerk", TargetUpdate, key).status_code == 404


@pytest.mark.parametrize(("month", "accepted"), [(7, True), (8, False), (12, False), (13, False), (0, False)])
def test_months_to_come_are_neither_offered_nor_begun(cast, visit, open_new, month, accepted):
    drawn = cast.issued_map()
    offers = [title for _, title in offered(visit("clerk", TargetUpdate))]
    assert (f"2026年{month}月" in offers) is accepted
    answer = open_new("clerk", TargetUpdate, f"{drawn.pk}-{month}")
    assert answer.status_code == (200 if accepted else 409)
    assert ("只能更新当月及以前月份的进度值。" in answer.content.decode()) is not accepted


def test_what_is_due_stands_first_and_what_waits_for_review_says_so(cast, visit):
    cast.bring(factories.target_update(cast.issued_map(), cast.clerk, month=7), State.SUBMITTED)
    answer = visit("clerk", TargetUpdate)
    assert offered(answer)[0] == ("数字经济改革", "2026年6月")
    assert offered(answer)[-1] == ("数字经济改革", "2026年7月")
    page = answer.content.decode()
    assert "6 项待填报" in page
    assert "审核结束后才能再次更新。" in page
    assert button(answer, "更新", disabled=True)


def test_a_draft_is_led_to_its_form_and_other_records_to_their_page(cast, visit):
    drawn = cast.issued_map()
    draft = factories.target_update(drawn, cast.clerk, month=6)
    done = cast.bring(factories.target_update(drawn, cast.clerk, month=5), State.CONFIRMED)
    page = visit("clerk", TargetUpdate).content.decode()
    offers, _ = page.split("填报记录", maxsplit=1)
    assert f'href="/records/{draft.pk}/edit/"' in offers
    assert f'href="/records/{done.pk}/"' in offers


@pytest.mark.parametrize(
    ("stage", "to", "why"),
    [
        (Stage.GENERATED, None, "项目处于“生成重大项目”阶段，认定“加快实施”后才能绘制。"),
        (Stage.ACCELERATED, State.CONFIRMED, "已确认的作战图不再更改"),
        (Stage.ACCELERATED, State.SUBMITTED, "审核结束后才能再次更新。"),
    ],
)
def test_a_map_that_cannot_be_drawn_says_why(cast, visit, stage, to, why):
    if to:
        cast.bring(factories.battle_map(cast.project, cast.clerk), to)
    cast.project.stage = stage
    cast.project.save()
    answer = visit("clerk", BattleMap)
    assert why in answer.content.decode()
    assert button(answer, "更新", disabled=True)
    assert not button(answer, "更新")


def test_a_project_is_found_by_words_of_its_name(cast, visit):
    cast.issued_map()
    other = factories.ProjectFactory(name="职业教育改革", department=cast.planning)
    assert {name for name, _ in offered(visit("clerk", BattleMap))} == {"数字经济改革", "职业教育改革"}
    assert {name for name, _ in offered(visit("clerk", BattleMap, project=" 教育 职业 "))} == {other.name}
    answer = visit("clerk", BattleMap, project="<没有>")
    assert offered(answer) == []
    assert "没有找到这个项目。" in answer.content.decode()
    assert 'value="&lt;没有&gt;"' in answer.content.decode()


@pytest.mark.parametrize(("number", "shown"), [("1", 20), ("2", 4), ("99", 4), ("x", 20)])
def test_offers_are_paged(cast, visit, number, shown):
    cast.issued_map()
    for name in ("项目一", "项目二"):
        drawn = factories.battle_map(factories.ProjectFactory(name=name, department=cast.planning), cast.clerk)
        cast.bring(drawn, State.ISSUED)
    with time_machine.travel("2026-08-15T09:00+08:00"):
        assert len(offered(visit("clerk", TargetUpdate, work_items=number))) == shown


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (BattleMap, "没有可以绘制作战图的项目。"),
        (TargetUpdate, "没有可以填报的项目。"),
        (PlanUpdate, "没有需要更新的月度计划。"),
        (PromotionUpdate, "没有可以填报的项目。"),
        (MeasureIteration, "没有可以填报的项目。"),
    ],
)
def test_an_empty_page_says_what_comes_next(visit, kind, sentence):
    page = visit("stranger", kind).content.decode()
    assert sentence in page
    assert "还没有填报记录。" in page


# --- The records below --------------------------------------------------------------------------------------


def test_everybody_sees_the_records_of_that_kind_that_are_theirs_to_see(cast, visit):
    confirmed = cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    draft = cast.make(PromotionUpdate)
    cast.make(BrandUpdate)
    both = [confirmed.pk, draft.pk]
    for who in ["clerk", "clerk2", "reviewer", "office"]:
        assert sorted(listed(visit(who, PromotionUpdate))) == sorted(both)
    for who in ["partner", "partner_reviewer"]:
        assert listed(visit(who, PromotionUpdate)) == [confirmed.pk]
    for who in ["stranger", "strange_reviewer"]:
        assert listed(visit(who, PromotionUpdate)) == []
    assert "可以填报的事项" not in visit("reviewer", PromotionUpdate).content.decode()


def test_records_are_narrowed_by_state_and_department(cast, visit):
    submitted = cast.bring(cast.make(PromotionUpdate), State.SUBMITTED)
    cast.make(PromotionUpdate)
    assert listed(visit("clerk", PromotionUpdate, state=State.SUBMITTED)) == [submitted.pk]
    assert len(listed(visit("office", PromotionUpdate, department=cast.planning.pk))) == 2
    assert listed(visit("office", PromotionUpdate, department=cast.education.pk)) == []
    assert "没有这个选项，已忽略。" in visit("clerk", PromotionUpdate, state="forged").content.decode()


@pytest.mark.parametrize("who", ["admin", "auditor"])
@pytest.mark.parametrize("kind", KINDS)
def test_those_whose_business_it_is_not_find_nothing(visit, who, kind):
    assert visit(who, kind).status_code == 404


def test_there_are_no_other_kinds(client, cast):
    client.force_login(cast.clerk)
    for name in ["record", "project", "nothing"]:
        assert client.get(reverse("reform:kind", args=[name])).status_code == 404
        assert client.get(reverse("editing:new", args=[name, "1"])).status_code == 404


@pytest.mark.parametrize(
    ("kind", "queries"),
    [(BattleMap, 3), (TargetUpdate, 3), (PlanUpdate, 4), (PromotionUpdate, 2), (BrandUpdate, 2), (MeasureIteration, 2)],
)
def test_queries_do_not_grow_with_the_rows(cast, visit, django_assert_num_queries, kind, queries):
    def one_more(name):
        cast.project = factories.ProjectFactory(name=name, department=cast.planning)
        cast.bring(cast.make(kind), State.REJECTED)

    def whole_page():
        visit("clerk", kind)
        with CaptureQueriesContext(connection) as captured:
            visit("clerk", kind)
        return len(captured)

    cast.project.delete()
    one_more("第一项")
    with django_assert_num_queries(queries):
        assert {row.project.name for row in work_rows(kind, cast.clerk)} == {"第一项"}
    of_one = whole_page()
    one_more("第二项")
    one_more("第三项")
    with django_assert_num_queries(queries):
        assert len({row.project.name for row in work_rows(kind, cast.clerk)}) == 3
    assert whole_page() == of_one


@pytest.fixture
def seventy(cast):
    """As many projects, each with an issued map of an indicator and a plan in February."""
    for number in range(70):
        project = factories.ProjectFactory(name=f"第{number:02}项", department=cast.planning)
        drawn = BattleMap.objects.create(
            dossier=project, year=2026, slot="2026", state=State.ISSUED, creator=cast.clerk, issued_at=clock.now()
        )
        drawn.indicators.create(name="新增改革试点", unit="个", annual_target=12)
        drawn.measures.create(content="举措").plans.create(month=2, type="scheme", content="制定方案")
    rebuild()


@pytest.fixture
def built(monkeypatch):
    """How many objects of each model are read from the database."""
    counted = Counter()
    for model in (DueItem, BattleMap, Project):
        from_db = model.from_db.__func__

        def count(cls, *args, from_db=from_db):
            counted[cls.__name__] += 1
            return from_db(cls, *args)

        monkeypatch.setattr(model, "from_db", classmethod(count))
    return counted


@pytest.mark.usefixtures("seventy")
@pytest.mark.parametrize(
    ("kind", "number", "read"),
    [
        (BattleMap, 71, {"Project": 20, "BattleMap": 19}),  # the cast's own project has no map
        (TargetUpdate, 490, {"DueItem": 20, "Project": 20}),
        (PlanUpdate, 70, {"DueItem": 20, "Project": 20}),
        (PromotionUpdate, 70, {"Project": 20}),
        (BrandUpdate, 70, {"Project": 20}),
        (MeasureIteration, 70, {"BattleMap": 20, "Project": 20}),
    ],
)
def test_of_many_rows_those_of_one_page_are_read(visit, built, kind, number, read):
    answer = visit("clerk", kind)
    assert answer.context["work_items"].paginator.count == number
    assert built == read


@pytest.mark.usefixtures("seventy")
def test_the_first_page_reads_no_more_than_it_lists(client, cast, built):
    client.force_login(cast.clerk)
    answer = client.get(reverse("home"))
    assert [tile.number for tile in answer.context["tiles"][1:4]] == [1, 420, 70]
    assert built == {"DueItem": 6, "Project": 7}


def test_maps_of_whatever_year_may_be_iterated_and_what_is_in_hand_stands_first(cast, visit):
    with time_machine.travel("2025-12-20T09:00+08:00"):
        last = cast.bring(factories.battle_map(cast.project, cast.clerk, 2025), State.ISSUED)
        other = cast.bring(
            factories.battle_map(
                factories.ProjectFactory(name="职业教育改革", department=cast.planning), cast.clerk, 2025
            ),
            State.ISSUED,
        )
    with time_machine.travel("2027-01-04T09:00+08:00"):
        cast.bring(factories.iteration(other.measures.first(), cast.clerk), State.REJECTED)
        rows = visit("clerk", MeasureIteration).context["work_items"]
    assert [(row.key, row.due) for row in rows] == [(str(other.pk), True), (str(last.pk), False)]


def test_an_unfinished_map_of_last_year_is_listed_and_leads_to_its_form(cast, visit):
    with time_machine.travel("2026-12-20T09:00+08:00"):
        left = cast.bring(factories.battle_map(cast.project, cast.clerk), State.REJECTED)
    with time_machine.travel("2027-01-05T09:00+08:00"):
        rows = visit("clerk", BattleMap).context["work_items"]
    assert [(row.title, row.due, row.url) for row in rows] == [
        ("2026年度", True, f"/records/{left.pk}/edit/"),
        ("2027年度", True, f"/kinds/battlemap/new/{cast.project.pk}-2027/"),
    ]
