"""粘贴表格: the preview saves nothing, 采用 fills the form of the map, and saving is the ordinary save."""

import pytest
from django.urls import reverse

from reform.models import BattleMap
from tests import factories
from tests.editing import send, typed_into
from workflow.states import State

MONTHS = "\t".join(f"{month}月" for month in range(1, 13))
TABLE = (
    f"核心指标名称\t计量单位\t年度目标值\t{MONTHS}\n"
    f"新增试点企业\t家\t120\t{chr(9).join(['10'] * 12)}\n"
    f"上线应用\t个\t3\t{chr(9).join(['0'] * 11)}\t3\n\n"
    "举措内容\t牵头单位\t计划月度\t计划类型\t计划内容\n"
    "建立机制\t市科技局\t3月\t制定改革方案\t印发方案\n"
    "\t\t9月\t开展试点示范\t选3个区\n"
    "搭建平台\t\t6月\t搭建重要平台\t平台上线\n"
    "总结推广\t\t12月\t总结推广经验\t形成报告\n"
)
WRONG = "举措\t月份\t类型\t内容\n建立机制\t一季度\t立法\t起草\n"


@pytest.fixture
def page(client, cast):
    """page(table, …): the preview, of the map of 2026."""
    client.force_login(cast.clerk)
    cast.project.set_partners([cast.science])
    address = reverse("reform:map_table", args=[cast.project.pk, 2026])
    return lambda table, **more: client.post(address, {"table": table} | more)


@pytest.fixture
def take(client, cast, page):
    """take(table, …): the form of the map after 采用."""

    def take(table, record=None, **more):
        address = (
            reverse("editing:edit", args=[record.pk])
            if record
            else reverse("editing:new", args=["battlemap", f"{cast.project.pk}-2026"])
        )
        version = record.version if record else 0
        return client.post(address, {"table": table, "restore": "table", "version": version} | more)

    return take


def rows(form):
    """(indicator, January, December) and (measure, [(month, type, content)]), as the form holds them."""
    indicators = [tuple(row[name].value() for name in ("name", "m1", "m12")) for row in form.indicators]
    measures = [
        (
            row["content"].value(),
            [tuple(plan[name].value() for name in ("month", "type", "content")) for plan in row.plans],
        )
        for row in form.measures
    ]
    return indicators, measures


def test_the_map_offers_the_way(client, cast, page):
    address = reverse("reform:map_table", args=[cast.project.pk, 2026])
    form = client.get(reverse("editing:new", args=["battlemap", f"{cast.project.pk}-2026"])).content.decode()
    assert f'href="{address}"' in form
    assert "粘贴到这里" in client.get(address).content.decode()


def test_a_preview_shows_what_was_understood_and_saves_nothing(page):
    answer = page(TABLE)
    shown = answer.content.decode()
    assert "认出 2 个核心指标、3 条具体举措、4 项月度计划" in shown
    assert "120 ✓" in shown
    assert "采用" in shown
    assert not BattleMap.objects.exists()


def test_a_preview_names_cell_by_cell_what_was_not(page):
    shown = page(WRONG).content.decode()
    assert "第 2 行第 2 列 计划月度：“一季度”不是月份，请填写 1 月至 12 月中的一个。" in shown
    assert "第 2 行第 3 列 计划类型：“立法”不是规定的计划类型，应为：组建工作专班、" in shown
    assert shown.count("cell-bad") == 2


@pytest.mark.parametrize("table", ["", " \n\t", "长" * 500_001])
def test_nothing_to_read_is_said_beside_the_field(page, table):
    answer = page(table)
    assert answer.status_code == 422
    assert answer.context["form"].errors["table"]


def test_a_table_of_more_rows_than_a_form_holds_cannot_be_taken(page, take):
    table = "举措\n" + "\n".join(f"举措内容{number}" for number in range(101))
    shown = page(table).content.decode()
    assert "核心指标和举措各不超过 100 行" in shown
    assert 'value="table"' not in shown
    assert take("举措\t内容\n" + "\n".join(f"措施{n}\t计划" for n in range(250))).status_code == 422


def test_what_is_taken_stands_in_the_form_and_is_saved_by_its_own_save(client, cast, take):
    answer = take(TABLE)
    assert not BattleMap.objects.exists()
    assert "还没有保存" in answer.content.decode()
    form = answer.context["form"]
    assert rows(form) == (
        [("新增试点企业", "10", "10"), ("上线应用", "0", "3")],
        [
            ("建立机制", [("3", "scheme", "印发方案"), ("9", "pilot", "选3个区")]),
            ("搭建平台", [("6", "platform", "平台上线")]),
            ("总结推广", [("12", "experience", "形成报告")]),
        ],
    )
    address = reverse("editing:new", args=["battlemap", f"{cast.project.pk}-2026"])
    client.post(address, typed_into(form) | {"submit": "", "token": answer.context["token"]})
    drawn = BattleMap.objects.get()
    assert drawn.state == State.SUBMITTED
    assert drawn.measures.first().lead == cast.science


def test_what_was_not_understood_stands_as_typed_beside_its_field(take):
    answer = take(WRONG)
    said = [problem.text for problem in answer.context["form"].input_errors()]
    assert said == [
        "举措1计划1 计划月度：“一季度”不在可选的月份中，请选择 1 月至 12 月。",
        "举措1计划1 计划类型：“立法”不在计划类型中，请从列表中选择计划类型。",
    ]


@pytest.fixture
def drawn(cast, page):
    return factories.battle_map(cast.project, cast.clerk)


def test_a_table_comes_after_what_is_there(client, take, drawn):
    form = take("举措\n搭建平台\n", drawn).context["form"]
    assert [row["content"].value() for row in form.measures] == ["第1条举措", "第2条举措", "第3条举措", "搭建平台"]
    before = list(drawn.measures.values_list("pk", flat=True))
    send(client, drawn, typed_into(form))
    assert list(drawn.measures.values_list("pk", flat=True))[:3] == before
    assert drawn.measures.count() == 4
    assert drawn.indicators.count() == 2


def test_a_table_takes_the_place_of_what_it_says_and_keeps_the_rows_that_it_names(client, take, drawn):
    kept = drawn.measures.get(position=1)
    plan = kept.plans.get()
    table = f"举措\t月份\t类型\t内容\n搭建平台\t3\t其他\t起草\n{kept}\t7月\t制定改革方案\t7月制定方案\n"
    send(client, drawn, typed_into(take(table, drawn, mode="replace").context["form"]))
    assert [measure.content for measure in drawn.measures.all()] == ["搭建平台", "第2条举措"]
    assert drawn.measures.last() == kept
    assert drawn.measures.last().plans.get() == plan
    assert drawn.indicators.count() == 2


def test_a_long_measure_is_split_only_where_it_was_ticked(page, take):
    long = f"一是{'长' * 160}；二是{'短' * 160}"
    table = f"举措\t月份\t类型\t内容\n{long}\t3月\t其他\t起草\n"
    assert "拆分为 2 条举措" in page(table).content.decode()
    assert rows(take(table).context["form"])[1] == [(long, [("3", "other", "起草")])]
    assert rows(take(table, split="0").context["form"])[1] == [
        (f"一是{'长' * 160}；", [("3", "other", "起草")]),
        (f"二是{'短' * 160}", []),
    ]


def test_a_table_for_a_map_that_changed_meanwhile_is_shown_beside_it(take, drawn):
    drawn.version += 1
    drawn.save()
    drawn.version -= 1
    answer = take("举措\n搭建平台\n", drawn)
    assert answer.status_code == 409
    assert [row["content"].value() for row in answer.context["form"].measures][-1] == "搭建平台"
    assert "搭建平台" not in [measure.content for measure in drawn.measures.all()]


def test_a_table_that_cannot_be_read_is_refused_with_its_text(take):
    answer = take("长" * 500_001)
    assert answer.status_code == 409
    assert "粘贴的内容超过 50 万字" in answer.content.decode()


@pytest.mark.parametrize("who", ["reviewer", "office", "partner", "stranger", "admin", "auditor"])
def test_it_is_for_those_who_draw_the_map(client, cast, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reform:map_table", args=[cast.project.pk, 2026])).status_code == 404


def test_an_issued_map_takes_no_table(client, cast):
    drawn = cast.issued_map()
    client.force_login(cast.clerk)
    assert client.get(reverse("reform:map_table", args=[drawn.dossier_id, drawn.year])).status_code == 404
