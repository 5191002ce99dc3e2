"""A table of a battle map: what is understood of it, cell by cell, and what is not."""

import pytest

from reform.tables.cells import TooLarge, rows_of
from reform.tables.map_table import understand
from reform.tables.values import pieces

UNITS = ["市发展改革委", "市科技局"]
TYPES = (
    "组建工作专班、开展调查研究、向上争取支持、制定改革方案、开展试点示范、出台配套政策、"
    "搭建重要平台、上线重大应用、开展督导指导、开展成效评估、总结推广经验、其他"
)


def read(text):
    return understand(rows_of(text), year=2026, departments=UNITS)


def values(read, *names):
    return [read[name].value for name in names]


def plans(table):
    """(measure, [(month, type, own name, content)])"""
    return [
        (
            measure["measure"].value,
            [tuple(values(plan, "month", "type", "type_name", "plan")) for plan in measure.plans],
        )
        for measure in table.measures
    ]


def problems(table):
    return [f"{cell.place}：{cell.problem}" for cell in table.problems]


MONTHS = [f"{month}月" for month in range(1, 13)]
HEAD = "\t".join(["核心指标名称", "计量单位", "年度目标值", *MONTHS])


def test_a_pasted_block_keeps_its_empty_cells_and_its_line_breaks():
    rows = rows_of('甲\t\t"第一行\n第二行 ""引"""\t\r\n\t乙\t\r\n')
    assert [row.cells for row in rows] == [("甲", "", '第一行\n第二行 "引"', ""), ("", "乙", ""), ("",)]
    assert rows_of('"一站式"服务\t"半个') == rows_of('"一站式"服务\t"半个\n')[:1]
    assert rows_of('"一站式"服务\t"半个')[0].cells == ('"一站式"服务', '"半个')


def test_cells_in_quotes_hold_line_breaks_tabs_and_quotes():
    text = '甲\t\t"两\n行"\n"""引"""\t"a\tb"'
    assert [list(row.cells) for row in rows_of(text)] == [["甲", "", "两\n行"], ['"引"', "a\tb"]]


@pytest.mark.parametrize("text", ["\n" * 1000, "\t" * 60, "长" * 500_001])
def test_what_is_larger_than_a_map_is_refused(text):
    with pytest.raises(TooLarge):
        rows_of(text)


def test_indicators_with_headings_in_any_order_keep_their_empty_months():
    table = read("序号\t计量单位\t指标\t1月\t3月\t2月\t全年目标\n1\t家\t新增企业\t\t1,000\t２\t1002\n")
    [indicator] = table.indicators
    assert values(indicator, "name", "unit", "annual_target") == ["新增企业", "家", "1002"]
    assert values(indicator, "m1", "m2", "m3", "m4") == ["", "２", "1,000", ""]
    assert (indicator.total, indicator.is_even, table.problems, table.ignored) == ("1002", False, [], [])


def test_indicators_without_headings_go_by_position():
    table = read(
        "1\t新增企业\t家\t120\t" + "\t".join(["10"] * 12) + "\n2\t办件量\t万件\t6\t\t\t\t\t\t1\t1\t1\t1\t1\t1\t\n"
    )
    assert [values(row, "name", "unit", "annual_target", "m1", "m6", "m12") for row in table.indicators] == [
        ["新增企业", "家", "120", "10", "10", "10"],
        ["办件量", "万件", "6", "", "1", ""],
    ]
    assert table.indicators[0].is_even


def test_headings_of_two_rows_are_one():
    head = "核心指标\t单位\t年度目标\t各月目标值" + "\t" * 11 + "\n\t\t\t" + "\t".join(map(str, range(1, 13)))
    table = read(f"{head}\n新增企业\t家\t12" + "\t1" * 12)
    assert values(table.indicators[0], "m1", "m12") == ["1", "1"]
    assert (table.indicators[0].is_even, table.ignored) == (True, [])


def test_numbers_are_those_that_people_type_and_others_are_named():
    table = read(f"{HEAD}\n覆盖率\t%\t95.3%\t１２\t3，5\t约5\t−2\n")
    [indicator] = table.indicators
    assert values(indicator, "annual_target", "m1", "m2", "m3", "m4") == ["95.3", "１２", "3，5", "约5", "−2"]
    assert problems(table) == [
        "第 2 行第 5 列：逗号只能用作千位分隔，例如 1,234；小数请用小数点，例如 12.5。",
        "第 2 行第 6 列：请填写数字，例如 3.5。",
    ]


def test_a_unit_in_brackets_counts_where_there_is_no_column_for_it():
    table = read("指标名称\t年度目标值\t1月\n新增试点企业（家）\t12家\t1\n")
    assert values(table.indicators[0], "name", "unit", "annual_target") == ["新增试点企业", "家", "12"]


def test_a_measure_stands_for_the_rows_below_its_merged_cell():
    table = read(
        "序号\t具体举措\t牵头单位\t计划月度\t计划类型\t计划内容\n"
        "1\t建立机制\t市科技局\t3月\t制定改革方案\t印发方案\n"
        "\t\t\t二〇二六年\t开展试点示范\t选3个区\n"
        "2\t搭建平台\t市发展改革委\t2026年6月底前\t其他（立法）\t起草条例\n"
    )
    assert plans(table) == [
        ("建立机制", [("3", "scheme", "", "印发方案"), ("二〇二六年", "pilot", "", "选3个区")]),
        ("搭建平台", [("6", "other", "立法", "起草条例")]),
    ]
    assert [measure["lead"].value for measure in table.measures] == ["市科技局", ""]
    assert problems(table) == ["第 3 行第 4 列：“二〇二六年”不是月份，请填写 1 月至 12 月中的一个。"]


def test_plans_without_headings_go_by_what_they_hold():
    table = read("建立机制\t3\t制定改革方案\t印发方案\n\t9\t开展试点示范\t选3个区\n")
    assert plans(table) == [("建立机制", [("3", "scheme", "", "印发方案"), ("9", "pilot", "", "选3个区")])]


def test_one_column_is_measures():
    assert plans(read("建立机制\n搭建平台\n")) == [("建立机制", []), ("搭建平台", [])]


def test_one_block_holds_indicators_and_plans_with_titles_between():
    table = read(
        "数字经济改革作战图\n\n"
        f"一、核心指标\n{HEAD}\n新增企业\t家\t12\t{chr(9).join(['1'] * 12)}\n合计\t\t12\n\n"
        "二、举措和计划\n举措\t月份\t类型\t内容\t备注\n建立机制\t3月\t制定改革方案\t印发方案\t无\n注：按季度调度\n"
    )
    assert len(table.indicators) == 1
    assert plans(table) == [("建立机制", [("3", "scheme", "", "印发方案")])]
    assert [(item.place, item.text, item.reason) for item in table.ignored] == [
        ("第 1 行第 1 列", "数字经济改革作战图", "标题"),
        ("第 3 行第 1 列", "一、核心指标", "标题"),
        ("第 6 行第 1 列", "合计", "合计由系统计算"),
        ("第 6 行第 3 列", "12", "合计由系统计算"),
        ("第 8 行第 1 列", "二、举措和计划", "标题"),
        ("", "备注", "这一列不属于作战图，没有采用"),
        ("第 11 行第 1 列", "注：按季度调度", "说明文字"),
    ]


def test_plans_of_a_second_table_find_their_measure_by_text_or_number():
    table = read(
        "具体举措\n建立机制\n搭建平台\n\n"
        "举措\t月份\t类型\t计划内容\n搭建平台\t3月\t搭建重要平台\t上线\n举措1\t4月\t制定改革方案\t印发\n\t5月\t开展督导指导\t督导\n"
    )
    assert plans(table) == [
        ("建立机制", [("4", "scheme", "", "印发"), ("5", "supervision", "", "督导")]),
        ("搭建平台", [("3", "platform", "", "上线")]),
    ]


def test_unknown_types_months_and_departments_are_named():
    table = read(
        "举措\t牵头单位\t月份\t类型\t内容\n建立机制\t市教委\t13月\t立法\t起草\n建立机制\t\t2025年3月\t\t起草\n"
    )
    assert problems(table) == [
        "第 2 行第 2 列：“市教委”不是这个项目的责任单位或配合单位。",
        "第 2 行第 3 列：“13月”不是月份，请填写 1 月至 12 月中的一个。",
        f"第 2 行第 4 列：“立法”不是规定的计划类型，应为：{TYPES}。",
        "第 3 行第 3 列：“2025年3月”不在 2026 年内。",
    ]


@pytest.mark.parametrize(
    ("month", "value"),
    [
        ("3", "3"),
        ("０３月", "3"),
        ("三月", "3"),
        ("十二月份", "12"),
        ("3月底前", "3"),
        ("2026-03-31", "3"),
        ("2026年3月31日", "3"),
    ],
)
def test_months_as_people_write_them(month, value):
    table = read(f"举措\t月份\t类型\t内容\n建立机制\t{month}\t其他\t起草\n")
    assert (table.plans[0]["month"].value, table.problems) == (value, [])


def test_a_plan_without_a_measure_above_is_named():
    table = read("举措\t月份\t类型\t内容\n\t3月\t其他\t起草\n")
    assert problems(table) == ["第 2 行第 2 列：这项计划上方没有举措内容。"]


@pytest.mark.parametrize(
    "marks", [("", "\n"), ("1.", "2."), ("（1）", "（2）"), ("①", "②"), ("一是", "二是"), ("一、", "二、")]
)
def test_a_long_measure_of_several_actions_is_offered_split(marks):
    first, second = (f"{mark}{'长' * 200}" for mark in marks)
    assert pieces(first + second) == [(first).strip(), second.strip()]
    assert problems(read(f'具体举措\n"{first}{second}"\n'))[0].startswith(
        "第 2 行第 1 列：举措内容不超过 300 字，现有 40"
    )


def test_one_long_action_is_not_split():
    assert pieces("长" * 301) == []
    assert pieces("一是短；二是短") == []


def test_what_is_neither_is_not_taken():
    table = read("甲\t乙\t丙\n丁\t戊\t己\n")
    assert table.is_empty
    assert [item.text for item in table.ignored] == ["甲", "乙", "丙", "丁", "戊", "己"]


def test_a_cell_beside_the_headed_columns_is_named():
    table = read("举措\t月份\t类型\t内容\n建立机制\t3月\t其他\t起草\t多出来的\n")
    assert [(item.place, item.reason) for item in table.ignored] == [("第 2 行第 5 列", "所在的列没有表头")]


# --- Types of indicators ------------------------------------------------------------------------------


def test_what_the_manual_does_not_know_is_read_beside_it():
    table = read(
        "指标名称\t单位\t年度目标\t指标类型\t基期值\t口径\t数据来源\t填报周期\t数据滞后\t3月\t6月\t9月\t12月\n"
        "办结率\t%\t95\t期末达到\t90.5\t按期办结的占比\t市统计局\t按季\t滞后1个月\t91\t92\t93\t95\n"
    )
    [indicator] = table.indicators
    assert values(indicator, "indicator_type", "baseline", "scope", "source", "period", "delay") == [
        "level",
        "90.5",
        "按期办结的占比",
        "市统计局",
        "3",
        "1",
    ]
    assert (indicator.total, indicator.is_even, problems(table)) == ("", True, [])


def test_months_may_be_quarters_which_then_say_the_period():
    table = read("指标\t单位\t年度目标\t一季度\t第二季度\t3季度\tQ4\n试点\t家\t10\t1\t2\t3\t4\n")
    [indicator] = table.indicators
    assert values(indicator, "m3", "m6", "m9", "m12", "period") == ["1", "2", "3", "4", "3"]
    assert (indicator.total, indicator.is_even) == ("10", True)


def test_quarters_stand_below_a_common_heading_too():
    [indicator] = read(
        "指标\t单位\t年度目标\t各月目标值\n\t\t\t一季度\t二季度\t三季度\t四季度\n试点\t家\t10\t1\t2\t3\t4\n"
    ).indicators
    assert values(indicator, "m3", "m12", "period") == ["1", "4", "3"]


def test_a_target_without_numbers_keeps_its_words():
    table = read("指标\t指标类型\t年度目标\t6月\n立法\t定性目标\t条例出台\t形成草案\n")
    assert values(table.indicators[0], "annual_target", "m6") == ["条例出台", "形成草案"]
    assert problems(table) == []


def test_unknown_types_periods_and_delays_are_named():
    table = read("指标\t指标类型\t填报周期\t数据滞后\n试点\t预期性\t每旬\t半年\n")
    assert problems(table) == [
        "第 2 行第 2 列：“预期性”不是规定的指标类型，应为：累计完成、累计控制、期末达到、期末控制、定性目标。",
        "第 2 行第 3 列：“每旬”不是规定的填报周期，应为：月、季、半年、年。",
        "第 2 行第 4 列：“半年”不是规定的数据滞后，应为：无、1 个月、2 个月、3 个月。",
    ]
