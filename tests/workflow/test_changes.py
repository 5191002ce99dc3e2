"""What changed, marked in place."""

import pytest
from django.utils.html import conditional_escape

from workflow.changes import Earlier, compare


def marked(now, before):
    return compare(now, Earlier(before, "上一次上报"))


def html(leaf):
    return str(conditional_escape(leaf))


def test_with_nothing_to_compare_nothing_is_marked():
    content = compare({"text": "新建", "rows": [{"id": 1, "name": "甲"}]}, None)
    assert (html(content["text"]), content.since) == ("新建", "")
    assert [(row.status, html(row["name"])) for row in content["rows"]] == [("kept", "甲")]


def test_what_it_was_compared_with_has_a_name():
    assert marked({}, {}).since == "上一次上报"


@pytest.mark.parametrize(
    ("before", "now", "shown"),
    [
        ("制定方案", "制定方案", "制定方案"),
        ("制定方案", "制定实施方案", "制定<ins>实施</ins>方案"),
        ("制定实施方案", "制定方案", "制定<del>实施</del>方案"),
        ("", "新写的", "<ins>新写的</ins>"),
        ("删掉的", "", "<del>删掉的</del>"),
        ("第一行\n第二行", "第一行\n第三行", "第一行\n第<del>二</del><ins>三</ins>行"),
        (10, 10, "10"),
        ("<b>", "<i>", "&lt;<del>b</del><ins>i</ins>&gt;"),
        ("", "<script>alert(1)</script>", "<ins>&lt;script&gt;alert(1)&lt;/script&gt;</ins>"),
    ],
)
def test_a_value_shows_what_went_and_what_came(before, now, shown):
    assert html(marked({"text": now}, {"text": before})["text"]) == shown


def test_long_texts_are_marked_in_time():
    before = "推进数字经济改革试点工作，" * 800
    content = marked({"text": before.replace("试点", "示范")}, {"text": before})
    assert content["text"].changed


def test_rows_are_known_by_their_id_wherever_they_stand():
    content = marked(
        {"rows": [{"id": 3, "name": "丙"}, {"id": 1, "name": "甲改"}]},
        {"rows": [{"id": 1, "name": "甲"}, {"id": 2, "name": "乙"}]},
    )
    assert [(html(row["name"]), row.status) for row in content["rows"]] == [
        ("丙", "added"),
        ("甲<ins>改</ins>", "kept"),
        ("乙", "removed"),
    ]


def test_rows_within_rows():
    content = marked(
        {"measures": [{"id": 1, "plans": [{"id": 7, "month": "3月"}]}]},
        {"measures": [{"id": 1, "plans": [{"id": 7, "month": "2月"}, {"id": 8, "month": "4月"}]}]},
    )
    [measure] = content["measures"]
    assert measure.status == "kept"
    assert [(html(plan["month"]), plan.status) for plan in measure["plans"]] == [
        ("<del>2月</del><ins>3月</ins>", "kept"),
        ("4月", "removed"),
    ]


def test_a_field_that_the_earlier_version_did_not_have_is_new():
    assert html(marked({"id": 1, "remark": "说明"}, {"id": 1})["remark"]) == "<ins>说明</ins>"


def test_an_emptied_value_is_still_something_to_show():
    content = marked({"gone": "", "never": ""}, {"gone": "原来有", "never": ""})
    assert (bool(content["gone"]), bool(content["never"])) == (True, False)
