"""会议议定事项: a pasted list becomes matters, all of it or nothing, and each once."""

from datetime import date

import pytest
from django.urls import reverse

from reform.models import SupervisionMatter
from reform.tables.matter_table import day_of
from workflow.models import Message

HEADED = (
    "序号\t完成时限\t配合单位\t议定事项\t责任单位\t备注\n"
    "1\t2026年12月底前\t市科技局\t建立数据共享机制\t市发展改革委\t重点\n"
    "2\t2026/9/30\t无\t印发实施方案\t市科技局\t\n"
)
BARE = "建立数据共享机制\t市发展改革委\t市科技局\t2026-12-31\n印发实施方案\t市科技局\t\t2026年9月30日\n"


@pytest.fixture
def send(client, cast):
    """send(table, …): what the office gets for it."""
    client.force_login(cast.office)
    meeting = {"meeting": "市委深改委第八次会议", "held_on": "2026-07-10", "level": "commission"}
    return lambda table, **more: client.post(reverse("reform:meeting_list"), meeting | {"table": table} | more)


def matters():
    return [
        (matter.text, str(matter.department), [str(one) for one in matter.partners.all()], matter.due_on)
        for matter in SupervisionMatter.objects.order_by("pk")
    ]


def test_a_list_is_understood_by_its_headings_and_nothing_is_saved(send):
    shown = send(HEADED).content.decode()
    assert "认出 2 项" in shown
    assert "这一列不属于督办事项，没有采用" in shown
    assert 'value="enter"' in shown
    assert matters() == []


def test_each_cell_that_is_not_understood_has_its_sentence(send):
    wrong = (
        "\t市发展改革委\t市发展改革委\t12月底\n"
        f"{'长' * 2001}\t市教委、市科技局\t市文旅委\t2026-07-01\n"
        "甲\t\t\t\n"
        "甲\t市科技局\t\t2030-01-01\n"
        "甲\t市科技局\t\t2026-08-01"
    )
    answer = send(wrong, step="enter")
    shown = answer.content.decode()
    sentences = (
        "第 1 行第 1 列 督办内容：请填写督办内容",
        "第 1 行第 3 列 配合单位：牵头单位不能同时是配合单位。",
        "第 1 行第 4 列 办理时限：“12月底”不是日期",
        "督办内容不超过 2000 字，现有 2001 字。",
        "第 2 行第 3 列 配合单位：“市文旅委”不是系统中的单位",
        "第 2 行第 4 列 办理时限：办理时限不能早于今天。",
        "第 3 行第 2 列 牵头单位：请填写牵头单位。",
        "第 4 行第 4 列 办理时限：办理时限不能晚于三年以后",
        "第 5 行第 1 列 督办内容：与第 4 行的督办内容、牵头单位相同",
    )
    assert [sentence for sentence in sentences if sentence not in shown] == []
    assert (answer.status_code, 'value="enter"' in shown, matters()) == (422, False, [])


def test_the_meeting_is_asked_for_and_nothing_typed_is_lost(send):
    shown = send(BARE, meeting="", held_on="2026-07-16", step="enter").content.decode()
    assert [word for word in ("请填写会议名称。", "会议日期不能晚于今天。", "印发实施方案") if word not in shown] == []
    assert matters() == []


def test_all_of_it_is_entered_once_and_every_department_told(send, cast):
    answers = [send(table, step="enter") for table in (HEADED, HEADED, BARE)]
    assert {answer.status_code for answer in answers} == {302}
    assert matters() == [
        ("建立数据共享机制", "市发展改革委", ["市科技局"], date(2026, 12, 31)),
        ("印发实施方案", "市科技局", [], date(2026, 9, 30)),
    ]
    said = set(SupervisionMatter.objects.values_list("origin", "source_words", "level"))
    assert said == {("meeting", "市委深改委第八次会议（2026-07-10）", "commission")}
    assert Message.objects.filter(recipient=cast.clerk).count() == 1
    assert Message.objects.filter(recipient=cast.partner).count() == 2


def test_a_longer_list_adds_what_is_new(send):
    send(BARE, step="enter")
    longer = BARE + "开展评估\t市科技局\t\t2026-10-31\n"
    shown = send(longer).content.decode()
    assert "其中 1 项是新的" in shown
    assert shown.count("不重复登记</small>") == 2
    send(longer, step="enter")
    assert [text for text, *_ in matters()] == ["建立数据共享机制", "印发实施方案", "开展评估"]


def test_strangers_find_no_page(client, cast):
    for person in (cast.clerk, cast.reviewer, cast.admin):
        client.force_login(person)
        for answer in (client.get(reverse("reform:meeting_list")), client.post(reverse("reform:meeting_list"))):
            assert answer.status_code == 404


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("２０２６年２月末", date(2026, 2, 28)),
        ("2026.3.1之前", date(2026, 3, 1)),
        ("2026年2月30日", None),
        ("2026年13月底", None),
        ("12月31日", None),
    ],
)
def test_a_deadline_is_one_day_or_none(typed, day):
    assert day_of(typed) == day


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_preview_do_not_grow(send, django_assert_num_queries, number):
    table = "".join(f"事项{one}\t市科技局\t市发展改革委\t2026-12-31\n" for one in range(number))
    send(table)
    with django_assert_num_queries(7):
        send(table)
