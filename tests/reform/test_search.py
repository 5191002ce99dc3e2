"""检索: what is found, by whom, and how the page says it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import clock
from reform.models import (
    BattleMap,
    CoordinationRequest,
    PlanUpdate,
    Project,
    PromotionUpdate,
    SpotCheck,
    SupervisionMatter,
)
from reform.search import ENOUGH, MOST, SOURCES, results, search
from reform.search.marking import marked, passage
from reform.search.words import containing, with_grams
from tests import factories
from tests.factories import ProjectFactory
from workflow.models import Attachment, Record
from workflow.states import State

pytestmark = pytest.mark.sql

WORD = "数字孪生"


@pytest.fixture
def find(client, cast):
    """find("clerk", q="…"): the answer to that person's GET of the page."""

    def get(who, **query):
        client.force_login(getattr(cast, who))
        return client.get("/search/", query)

    return get


def found(user, *words):
    """{kind: keys} of the kinds in which the words are found."""
    return {group.source.key: group.keys for group in search(user, list(words)) if group.keys}


# --- What is found --------------------------------------------------------------------------------

SIGNS = "改革推进会数a B1Ｂ%_\\'\"*?[]^-é€😀　\n"
TEXTS = st.text(st.sampled_from(SIGNS), max_size=12)
WORDS = st.lists(
    st.text(st.sampled_from(SIGNS.replace(" ", "").replace("　", "").replace("\n", "")), min_size=1, max_size=4)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4), words=WORDS)
def test_words_are_found_where_they_stand_in_lower_case(cast, texts, words):
    promotion = PromotionUpdate.objects.first() or cast.make(PromotionUpdate)
    Attachment.objects.all().delete()
    files = [attachment(promotion, name + rest) for name, rest in texts]
    expected = [file.pk for file in files if all(word.lower() in file.name.lower() for word in words)]
    rows = containing(Attachment.objects.order_by("pk"), words, ["name"])
    assert list(rows.values_list("pk", flat=True)) == expected
    if connection.vendor == "postgresql":
        assert set(expected) <= set(with_grams(rows, words, ["name"]).values_list("pk", flat=True))
    for file in files:
        for word in words:
            assert ("<mark>" in marked(file.name, [word])) == (word.lower() in file.name.lower())


def attachment(record, name):
    return Attachment.objects.create(
        record_id=record.pk, name=name, file="x", size=1, digest="", uploader=record.creator
    )


@pytest.mark.parametrize("text", ["İstanbul ΟΔΟΣ ẞ", "a\x00b", "x" * 5000])
def test_what_no_text_has_does_no_harm(find, text):
    """Letters that change their number with their case, NUL, and more than anybody types."""
    assert find("clerk", q=text).status_code == 200


@pytest.fixture
def everywhere(cast):
    """The word in each kind of thing of one project: a brand new word, which nothing else has."""
    cast.issued_map()
    project = cast.project
    Project.objects.filter(pk=project.pk).update(name=f"{WORD}城市")
    issued = BattleMap.objects.get(dossier=project)
    issued.indicators.filter(pk=issued.indicators.first().pk).update(scope=f"按{WORD}平台统计")
    measure = issued.measures.first()
    issued.measures.filter(pk=measure.pk).update(content=f"建设{WORD}底座")
    measure.plans.filter(pk=measure.plans.first().pk).update(content=f"上线{WORD}应用")
    texts = {
        "targetupdate": "remark",
        "planupdate": "work_done",
        "promotionupdate": "summary",
        "brandupdate": "results",
        "measureiteration": "basis",
        "targetadjustment": "basis",
        "extension": "reason",
        "closure": "completion",
        "supervisionreport": "work_done",
    }
    for source in SOURCES:
        if source.key in texts:
            made = cast.make(source.records.model)
            rows = (
                made.values.all() if source.key == "targetupdate" else source.records.model.objects.filter(pk=made.pk)
            )
            rows.filter(pk=rows.first().pk).update(**{texts[source.key]: f"依托{WORD}，分步实施"})
    attachment(Record.objects.get(kind="reform.closure"), f"{WORD}方案.pdf")
    SupervisionMatter.objects.update(text=f"推广{WORD}应用")
    raised = PlanUpdate.objects.get()
    CoordinationRequest.objects.create(source=raised, text=f"{WORD}缺少标准", raised_by=cast.clerk)
    found = {"finding": "true", "way": "phone", "text": f"{WORD}已上线", "found_at": clock.now()}
    SpotCheck.objects.create(plan=raised.plan, update=raised, opened_by=cast.office, **found)
    issued = factories.issued_bulletin(cast.office, "x")
    issued.files.update(name=f"{WORD}通报.pdf")
    return project


SETTLED_ONES = {"project", "indicator", "measure", "plan", "matter", "bulletinfile"}
THEIRS = {source.key for source in SOURCES} - {"bulletin"}


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("clerk", THEIRS),
        ("reviewer", THEIRS),
        ("office", THEIRS | {"bulletin"}),
        ("partner", SETTLED_ONES),
        ("partner_reviewer", SETTLED_ONES),
        ("stranger", {"bulletinfile"}),
        ("strange_reviewer", {"bulletinfile"}),
        ("admin", set()),
        ("auditor", set()),
    ],
)
def test_each_finds_what_they_may_read_and_the_counts_tell_no_more(cast, everywhere, who, kinds):
    assert {kind: len(keys) for kind, keys in found(getattr(cast, who), WORD).items()} == dict.fromkeys(kinds, 1)


@pytest.mark.parametrize(
    ("rare", "blocks"),
    [(0, (400, 400, 400)), (0, (1, 1)), (0, (1, 400)), (0, ()), (1, (400, 400)), (1, (400, 1))],
    ids=["frequent", "blocks", "windows", "few", "rare", "rare-few"],
)
@pytest.mark.parametrize("who", ["clerk", "office", "partner"])
def test_the_same_is_found_among_many_rows(cast, everywhere, monkeypatch, who, rare, blocks):  # noqa: PLR0917 - a table
    """Where words are looked for by their index, by the latest rows, or in the few that somebody sees."""
    factories.promotion(cast.project, cast.clerk)  # has not the word, and is the latest of its kind
    before = found(getattr(cast, who), WORD)
    monkeypatch.setattr(results, "LATEST", 1)
    monkeypatch.setattr(results, "WINDOWS", (1, 2))
    monkeypatch.setattr(results, "RARE", 2 * rare)
    monkeypatch.setattr(results, "BLOCKS", blocks)
    assert found(getattr(cast, who), WORD) == before


def test_every_find_leads_to_a_page_that_shows_the_word(find, client, everywhere):
    page = find("clerk", q=WORD).content.decode()
    links = set(re.findall(r'<a class="row-link" href="([^"]+)"', page))
    # Indicator and measure lead to the same map, the file to its record; the text of a bulletin is the office's.
    assert len(links) == len(SOURCES) - 3
    for link in links:
        assert WORD in client.get(link).content.decode(), link


def test_partners_find_a_record_and_its_files_once_it_is_settled(cast):
    update = cast.make(PlanUpdate)
    PlanUpdate.objects.filter(pk=update.pk).update(work_done=f"{WORD}已部署")
    attachment(update, f"{WORD}.pdf")
    gone = attachment(update, f"{WORD}（旧）.pdf")
    gone.remove(cast.clerk)
    cast.bring(update, State.DEPT_APPROVED)
    assert found(cast.partner, WORD) == {}
    cast.act(update, "office", "confirm")
    assert set(found(cast.partner, WORD)) == {"planupdate", "file"}
    assert len(found(cast.clerk, WORD)["file"]) == 1  # without the one that was removed


def test_a_map_that_was_laid_aside_is_not_searched(cast):
    drawn = factories.battle_map(cast.project, cast.clerk)
    drawn.measures.update(content=f"{WORD}")
    assert set(found(cast.clerk, WORD)) == {"measure"}
    cast.bring(drawn, State.VOIDED)
    assert found(cast.clerk, WORD) == {}


# --- The page -------------------------------------------------------------------------------------


def test_words_are_marked_and_nothing_typed_becomes_markup(find, cast):
    Project.objects.update(name="<b>改革</b>试点")
    page = find("office", q="<b>改 试点").content.decode()
    assert "<mark>&lt;b&gt;改</mark>革&lt;/b&gt;<mark>试点</mark>" in page
    assert "<b>改革</b>" not in page


def test_a_passage_begins_near_the_word_and_ends():
    text = "前" * 100 + "数字\n经济" + "后" * 200
    shown = passage(text, ["数字"])
    assert shown.startswith("…前")
    assert "<mark>数字</mark> 经济后" in shown
    assert shown.endswith("后…")
    assert passage(text, ["没有"]) == ""
    assert marked("aAbB", ["ab", "A"]) == "<mark>aAb</mark>B"


def test_an_empty_box_and_an_empty_result_say_what_to_do(find):
    assert "输入检索词" in find("clerk").content.decode()
    assert "输入检索词" in find("clerk", q=" 　").content.decode()
    assert "请减少检索词" in find("clerk", q="魑魅魍魉").content.decode()
    assert "检索词共不超过 100 字" in find("clerk", q="改" * 101).content.decode()
    assert "检索词不超过 8 个" in find("clerk", q="一 二 三 四 五 六 七 八 九").content.decode()
    assert "不能识别的字符" in find("clerk", q="改\x00革").content.decode()
    assert find("clerk", q="数字", kind="nonsense", page="-7").status_code == 200
    assert "这个类别中没有找到" in find("clerk", q="数字经济", kind="closure").content.decode()


def test_who_reads_no_records_has_no_box(find, client, cast):
    assert find("admin", q="改").status_code == 404
    assert 'id="search-dialog"' not in client.get("/").content.decode()
    client.force_login(cast.clerk)
    assert 'id="search-dialog"' in client.get("/").content.decode()


def test_one_kind_is_paged_and_what_is_beyond_the_last_page_is_said(find, cast):
    same = {"record_id": cast.make(PromotionUpdate).pk, "file": "x", "size": 1, "digest": "", "uploader": cast.clerk}
    Attachment.objects.bulk_create(Attachment(name=f"{WORD}{number}.pdf", **same) for number in range(MOST + 1))
    page = find("office", q=WORD).content.decode()
    assert page.count('class="row-link"') == 3
    assert f"{ENOUGH} 条以上" in page
    last = find("office", q=WORD, kind="file", page="10").content.decode()
    assert f"<mark>{WORD}</mark>1.pdf" in last
    assert f"<mark>{WORD}</mark>0.pdf" not in last
    assert "第 10 / 10 页" in last
    assert "只列出最近的 200 条" in last


def test_queries_do_not_grow_with_what_is_found(find, cast, everywhere, without_navigation):
    def queries(**query):
        with CaptureQueriesContext(connection) as captured:
            assert find("clerk", q=WORD, **query).status_code == 200
        return len(captured)

    queries()  # what is looked up once a process
    counts = {kind: queries(kind=kind) for kind in ("", "plan", "closure", "matter")}
    issued = BattleMap.objects.get(dossier=cast.project)
    for plan in list(issued.measures.last().plans.all())[:2]:
        issued.measures.last().plans.filter(pk=plan.pk).update(content=f"再上线{WORD}应用")
    for number in range(2):
        factories.matter(cast, text=f"{WORD}{number}")
        ProjectFactory(name=f"{WORD}{number}", department=cast.planning)
        made = factories.promotion(cast.project, cast.clerk)
        PromotionUpdate.objects.filter(pk=made.pk).update(summary=WORD)
        attachment(made, WORD)
    assert {kind: queries(kind=kind) for kind in counts} == counts
    looks = 13 if connection.vendor == "postgresql" else 0  # whether a table is large
    assert counts == {"": 44 + looks, "plan": 27 + looks, "closure": 27 + looks, "matter": 27 + looks}


@pytest.mark.postgresql  # SQLite looks through the texts
def test_every_kind_with_many_rows_has_its_index(db):
    """Of the columns that are searched, in their order: of any other PostgreSQL would make no use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE indexname LIKE '%%\\_grams'")
        indexes = {table: re.findall(r"\w+", definition.split("ARRAY")[1]) for table, definition in cursor.fetchall()}
    for source in SOURCES:
        if source.is_indexed:
            columns = indexes[source.model._meta.db_table]
            assert [name for name in columns if name in source.fields] == list(source.fields)
            assert set(columns) - set(source.fields) <= {"text", "character", "varying"}
