"""配合材料: a partner department is asked for its part of a plan update, and writes that and nothing else."""

import pytest
from django.urls import reverse

from tests import factories
from tests.editing import fields_of, reloaded, send
from tests.uploads import sent, stored_files
from tests.workflow.contributions.pages import DAY, STATUS, fill, page_of, texts, told
from workflow import contributions
from workflow.models import ContributedFile, Record

pytestmark = pytest.mark.sql


# --- Asking ---------------------------------------------------------------------------------------


def test_the_partners_of_the_measure_are_ticked_and_others_may_be(client, cast, update, finance):
    update.plan.measure.partners.set([finance])
    client.force_login(cast.clerk)
    begun = send(client, update, fields_of(update), "ask")
    assert begun["Location"] == reverse("workflow:contribution_ask", args=[update.pk])
    form = client.get(begun["Location"]).context["form"]
    assert [name for _, name in form.fields["departments"].choices] == ["市科技局", "市财政局"]
    assert form.initial["departments"] == [finance.pk]
    asked = client.post(
        begun["Location"], {"departments": [cast.science.pk, finance.pk], "due_on": "2026-07-20", "wanted": "数据"}
    )
    assert asked["Location"] == reverse("editing:edit", args=[update.pk])
    assert list(update.contributions.values_list("department__name", "status", "due_on", "wanted")) == [
        ("市科技局", "asked", DAY, "数据"),
        ("市财政局", "asked", DAY, "数据"),
    ]
    assert told(cast.partner) == [
        f"数字经济改革 · {update.heading}：市发展改革委请贵单位提供配合材料，截止7月20日。需要的材料：数据"
    ]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"departments": []}, "请至少选择一个配合单位。"),
        ({"due_on": ""}, "请填写截止日期。"),
        ({"due_on": "7月20日"}, "截止日期有误，例如 2026-07-01。"),
        ({"due_on": "2026-07-09"}, "截止日期不能早于今天。"),
        ({"due_on": "2028-07-09"}, "截止日期不能晚于一年以后。"),
        ({"wanted": "字" * 2001}, "不超过 2000 字，现有 2001 字。"),
        ({"departments": ["stranger"]}, "请从项目的配合单位中选择，已经请求过的不必重复。"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(client, cast, update, typed, sentence):
    client.force_login(cast.clerk)
    whole = {"departments": [cast.science.pk], "due_on": "2026-07-20", "wanted": "数据"}
    answer = client.post(reverse("workflow:contribution_ask", args=[update.pk]), whole | typed)
    assert answer.status_code == 422
    assert sentence in texts(answer)
    assert not update.contributions.exists()


def test_asking_twice_asks_once(cast, asked, update):
    contributions.ask(update, cast.clerk2, [cast.science], DAY, "")
    assert reloaded(asked).wanted == "上半年算力数据"
    assert len(told(cast.partner)) == 1


def test_the_lead_is_told_of_a_partner_that_has_nobody_to_answer(client, cast, update):
    lonely = factories.DepartmentFactory(name="市统计局")
    cast.project.set_partners([lonely])
    client.force_login(cast.clerk)
    address = reverse("workflow:contribution_ask", args=[update.pk])
    answer = client.post(address, {"departments": [lonely.pk], "due_on": "2026-07-20"}, follow=True)
    assert "市统计局还没有录入人员，请与市委改革办联系。" in texts(answer)


def test_other_kinds_of_record_do_not_ask(client, cast):
    client.force_login(cast.clerk)
    other = cast.make(next(kind for kind in Record.kinds() if kind.__name__ == "PromotionUpdate"))
    assert client.get(reverse("workflow:contribution_ask", args=[other.pk])).status_code == 404


# --- Giving ---------------------------------------------------------------------------------------


def test_it_is_a_work_item_of_the_partners_clerks_until_it_was_given(client, cast, asked):
    def waits(person):
        client.force_login(person)
        page = texts(client.get("/"))
        return "待提供配合材料" in page

    people = (cast.partner, cast.partner_reviewer, cast.clerk, cast.stranger, cast.office)
    assert [waits(person) for person in people] == [True, False, False, False, False]
    client.force_login(cast.partner)
    item = [item for part in client.get("/").context["nav"] for item in part["items"] if item["label"] == "配合材料"]
    assert item[0]["count"] == 1
    fill(client, asked, "已建成。", "give")
    assert not waits(cast.partner)


def test_the_partner_writes_its_part_saves_and_gives_it(client, cast, asked, settings):
    client.force_login(cast.partner)
    page = texts(client.get(page_of(asked)))
    assert [word for word in ("上半年算力数据", "截止 2026-07-20", "数字经济改革") if word not in page] == []
    fill(client, asked, "写了一半", files=[sent("清单.pdf")], unclassified="on")
    asked = reloaded(asked)
    assert (asked.status, asked.text, [file.name for file in asked.files.current()]) == (
        STATUS.ASKED,
        "写了一半",
        ["清单.pdf"],
    )
    assert not [text for text in told(cast.clerk) if "配合材料" in text]
    fill(client, asked, "写完了", "give")
    asked = reloaded(asked)
    assert (asked.status, asked.text, asked.given_by) == (STATUS.GIVEN, "写完了", cast.partner)
    assert told(cast.clerk)[-1].endswith("：市科技局配合录入已提供配合材料，请决定是否采用。")
    assert len(stored_files(settings)) == 1


def test_files_follow_the_rules_of_files(client, cast, asked):
    client.force_login(cast.partner)
    for uploads, sentence in (
        ({"files": [sent("清单.pdf")]}, "请勾选“本材料不涉密”，再重新选择文件。"),
        ({"files": [sent("机密★10年.pdf")], "unclassified": "on"}, "文件名带有密级标志。"),
        ({"files": [sent("程序.exe", b"MZ")], "unclassified": "on"}, "“程序.exe”："),
    ):
        answer = fill(client, asked, "打好的字", **uploads)
        assert answer.status_code == 422
        assert sentence in texts(answer)
        assert "打好的字" in texts(answer)
    assert not ContributedFile.objects.exists()


def test_a_file_is_removed_again(client, cast, asked):
    client.force_login(cast.partner)
    fill(client, asked, "", files=[sent("清单.pdf")], unclassified="on")
    fill(client, asked, "", "remove_file", remove_file=asked.files.get().pk)
    assert not asked.files.current().exists()


def test_nothing_is_not_given(client, cast, asked):
    client.force_login(cast.partner)
    answer = fill(client, asked, " ", "give")
    assert (answer.status_code, "请填写配合情况，或上传附件。" in texts(answer)) == (409, True)
    assert reloaded(asked).status == STATUS.ASKED


def test_whoever_of_two_clerks_is_later_sees_both_texts(client, cast, asked):
    client.force_login(cast.partner)
    version = asked.version
    fill(client, asked, "先写的")
    answer = client.post(page_of(asked), {"text": "后写的", "version": version, "give": "1"})
    assert answer.status_code == 409
    page = texts(answer)
    assert [word for word in ("请核对最新内容后再保存", "先写的", "后写的") if word not in page] == []
    assert reloaded(asked).text == "先写的"


def test_given_while_the_update_is_submitted_is_told_so_and_loses_no_text(client, cast, asked, update):
    cast.act(reloaded(update), "clerk", "submit")
    client.force_login(cast.partner)
    answer = fill(client, asked, "来晚了的话", "give")
    assert answer.status_code == 409
    assert "市发展改革委的这次更新已上报，现在不能再提供配合材料。" in texts(answer)
    assert "来晚了的话" in texts(answer)
    assert reloaded(asked).status == STATUS.ASKED
    cast.act(reloaded(update), "reviewer", "reject")
    assert fill(client, asked, "退回后补上", "give").status_code == 302


# --- The same few questions --------------------------------------------------------------------------


def test_lists_and_pages_ask_the_same_few_questions(client, cast, asked, update, django_assert_num_queries):
    def ask_three():
        for month in (3, 4, 5):
            plan = factories.add_plan(update.plan.measure, month=month, type="pilot", content="试点")
            contributions.ask(factories.plan_update(plan, cast.clerk), cast.clerk, [cast.science], DAY, "")

    for prepare in (lambda: None, ask_three):
        prepare()
        client.force_login(cast.partner)
        client.get("/session/")  # the first request notes when the session began
        with django_assert_num_queries(6):
            client.get(reverse("workflow:contributions"))
