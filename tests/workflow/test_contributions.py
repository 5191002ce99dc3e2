"""配合材料: a partner department is asked for its part of a plan update, writes that and nothing else, and the lead
takes it over or not.
"""

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse

from reform.models import PlanUpdate
from tests import factories
from tests.documents import PDF
from tests.editing import fields_of, send
from tests.factories import AttachmentFactory, UserFactory
from tests.uploads import sent, stored_files
from workflow import contributions, quota
from workflow.actions import discard
from workflow.models import ContributedFile, Contribution, Message, Record
from workflow.refusals import ActionRefused, Gone
from workflow.states import State

pytestmark = pytest.mark.sql

DAY = date(2026, 7, 20)
STATUS = Contribution.Status


@pytest.fixture(autouse=True)
def mid_july():
    with time_machine.travel("2026-07-10T09:00+08:00", tick=False):
        yield


@pytest.fixture
def update(cast):
    return cast.make(PlanUpdate)


@pytest.fixture
def finance(cast):
    """A second partner with a clerk of its own."""
    finance = factories.DepartmentFactory(name="市财政局", position=cast.science.position + 1)
    cast.project.set_partners([cast.science, finance])
    UserFactory(full_name="财政录入", department=finance, role="entry")
    return finance


@pytest.fixture
def asked(cast, update):
    contributions.ask(update, cast.clerk, [cast.science], DAY, "上半年算力数据")
    return update.contributions.get()


@pytest.fixture
def given(cast, asked):
    return contributions.write(asked.pk, cast.partner, asked.version, "已建成算力中心1个。", give=True)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def page_of(asked):
    return reverse("workflow:contribution", args=[asked.pk])


def fill(client, asked, text, button="save", **more):
    return client.post(page_of(asked), {"text": text, "version": fresh(asked).version, button: "1"} | more)


def press(client, update, what, contribution):
    """A button on the edit page of the update."""
    return client.post(
        reverse("editing:edit", args=[update.pk]), fields_of(update) | {"contribution": f"{what}-{contribution.pk}"}
    )


def told(person):
    return list(person.messages.order_by("pk").values_list("text", flat=True))


def texts(response):
    return response.content.decode()


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
    assert fresh(asked).wanted == "上半年算力数据"
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
    asked = fresh(asked)
    assert (asked.status, asked.text, [file.name for file in asked.files.current()]) == (
        STATUS.ASKED,
        "写了一半",
        ["清单.pdf"],
    )
    assert not [text for text in told(cast.clerk) if "配合材料" in text]
    fill(client, asked, "写完了", "give")
    asked = fresh(asked)
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
    assert fresh(asked).status == STATUS.ASKED


def test_whoever_of_two_clerks_is_later_sees_both_texts(client, cast, asked):
    client.force_login(cast.partner)
    version = asked.version
    fill(client, asked, "先写的")
    answer = client.post(page_of(asked), {"text": "后写的", "version": version, "give": "1"})
    assert answer.status_code == 409
    page = texts(answer)
    assert [word for word in ("请核对最新内容后再保存", "先写的", "后写的") if word not in page] == []
    assert fresh(asked).text == "先写的"


def test_given_while_the_update_is_submitted_is_told_so_and_loses_no_text(client, cast, asked, update):
    cast.act(fresh(update), "clerk", "submit")
    client.force_login(cast.partner)
    answer = fill(client, asked, "来晚了的话", "give")
    assert answer.status_code == 409
    assert "市发展改革委的这次更新已上报，现在不能再提供配合材料。" in texts(answer)
    assert "来晚了的话" in texts(answer)
    assert fresh(asked).status == STATUS.ASKED
    cast.act(fresh(update), "reviewer", "reject")
    assert fill(client, asked, "退回后补上", "give").status_code == 302


# --- What the lead does with it --------------------------------------------------------------------


def test_the_lead_reads_nothing_before_it_was_given(client, cast, asked, update):
    client.force_login(cast.partner)
    fill(client, asked, "还没写完的话", files=[sent("草稿.pdf")], unclassified="on")
    keys = [asked.pk, asked.files.get().pk]
    for person in (cast.clerk, cast.reviewer, cast.office):
        client.force_login(person)
        pages = [reverse("editing:edit", args=[update.pk]), reverse("workflow:record", args=[update.pk])]
        read = "".join(texts(client.get(page, follow=True)) for page in pages)
        assert "市科技局" in read
        assert "还没写完的话" not in read
        assert "草稿.pdf" not in read
        for name in ("contribution_file", "contribution_preview"):
            assert client.get(reverse(f"workflow:{name}", args=keys)).status_code == 404


def test_what_is_taken_over_is_in_the_text_and_the_files(client, cast, asked, update):
    client.force_login(cast.partner)
    fill(client, asked, "已建成算力中心1个。", "give", files=[sent("清单.pdf")], unclassified="on")
    client.force_login(cast.clerk)
    typed = fields_of(update, work_done="召开专班会议。") | {"contribution": f"take-{asked.pk}"}
    client.post(reverse("editing:edit", args=[update.pk]), typed)
    update = fresh(update)
    assert update.work_done == "召开专班会议。\n【市科技局提供】已建成算力中心1个。"
    assert "清单.pdf" in [file.name for file in update.attachments.current()]
    assert fresh(asked).status == STATUS.TAKEN
    assert told(cast.partner)[-1].endswith("：市发展改革委已采用贵单位的配合材料。")
    press(client, update, "take", asked)
    assert fresh(update).work_done == update.work_done


def test_a_file_that_is_taken_over_fills_space_once(client, cast, asked, update):
    client.force_login(cast.partner)
    fill(client, asked, "已建成算力中心1个。", "give", files=[sent("清单.pdf")], unclassified="on")
    before = quota.used()
    assert before[cast.partner.department_id] == len(PDF)
    client.force_login(cast.clerk)
    press(client, update, "take", asked)
    assert "清单.pdf" in [file.name for file in update.attachments.current()]
    assert quota.used() == before


def test_what_is_not_taken_over_leaves_the_text_and_may_be_asked_again(client, cast, given, update):
    before = fresh(update).work_done
    client.force_login(cast.clerk)
    press(client, update, "decline", given)
    assert (fresh(update).work_done, fresh(given).status) == (before, STATUS.DECLINED)
    contributions.ask(update, cast.clerk, [cast.science], DAY, "请补充数据")
    assert (fresh(given).status, fresh(given).text) == (STATUS.ASKED, "已建成算力中心1个。")
    assert len(told(cast.partner)) == 3


def test_a_text_that_would_be_too_long_is_refused(client, cast, given, update):
    PlanUpdate.objects.filter(pk=update.pk).update(work_done="字" * 4995)
    client.force_login(cast.clerk)
    answer = client.post(
        reverse("editing:edit", args=[update.pk]), fields_of(update) | {"contribution": f"take-{given.pk}"}, follow=True
    )
    assert "采用后“已开展工作”超过 5000 字，请先精简，再采用。" in texts(answer)
    assert fresh(given).status == STATUS.GIVEN


def test_what_was_given_is_decided_before_the_update_is_submitted(client, cast, given, update):
    assert [problem.text for problem in fresh(update).problems()] == ["市科技局已提供配合材料，请先决定是否采用。"]
    client.force_login(cast.clerk)
    press(client, update, "decline", given)
    assert fresh(update).problems() == []


def test_a_request_is_withdrawn(client, cast, asked, update):
    client.force_login(cast.clerk)
    press(client, update, "withdraw", asked)
    assert fresh(asked).status == STATUS.WITHDRAWN
    client.force_login(cast.partner)
    answer = fill(client, asked, "已经写好", "give")
    assert (answer.status_code, "市发展改革委已撤回，不必提供。" in texts(answer)) == (409, True)


@pytest.mark.usefixtures("asked")
def test_a_draft_with_requests_is_not_thrown_away(cast, update, client, settings, django_capture_on_commit_callbacks):
    asked = update.contributions.get()
    with pytest.raises(ActionRefused, match="已请配合单位提供材料"):
        discard(update.pk, cast.clerk, fresh(update).version)
    client.force_login(cast.partner)
    fill(client, asked, "", files=[sent("清单.pdf")], unclassified="on")
    client.force_login(cast.clerk)
    press(client, update, "withdraw", asked)
    with django_capture_on_commit_callbacks(execute=True):
        discard(update.pk, cast.clerk, fresh(update).version)
    assert not Contribution.objects.exists()
    assert stored_files(settings) == []


# --- Who may -------------------------------------------------------------------------------------


def test_who_may_do_what(cast, asked, update):
    """Write: the partner's clerk alone. Decide: the clerks of the responsible department alone."""
    writers, deciders, readers = set(), set(), set()
    for who, person in cast.people.items():
        if Contribution.objects.visible_to(person).exists():
            readers.add(who)
        try:
            contributions.write(asked.pk, person, fresh(asked).version, who, give=False)
            writers.add(who)
        except ActionRefused:
            pass
        try:
            contributions.step(update, person, "urge", asked.pk)
            deciders.add(who)
        except ActionRefused:
            pass
    assert (writers, readers, deciders) == ({"partner"}, {"partner", "partner_reviewer"}, {"clerk", "clerk2"})


def test_strangers_and_other_partners_find_nothing(client, cast, asked, finance):
    for person in (cast.stranger, cast.admin, cast.auditor, *finance.people.all()):
        client.force_login(person)
        assert client.get(page_of(asked)).status_code == 404
        assert fill(client, asked, "外单位写的").status_code == 404
        with pytest.raises(Gone):
            contributions.ask(fresh(asked.record), person, [finance], DAY, "")
    assert fresh(asked).text == ""


def test_partners_do_not_see_each_others_part_before_it_is_settled(client, cast, finance, update):
    other = finance.people.get()
    contributions.ask(update, cast.clerk, [cast.science, finance], DAY, "")
    first, second = update.contributions.all()
    contributions.write(first.pk, cast.partner, first.version, "科技局写的", give=True)
    contributions.write(second.pk, other, second.version, "财政局写的", give=True)
    client.force_login(other)
    assert "科技局写的" not in texts(client.get(page_of(second)))
    client.force_login(cast.clerk)
    press(client, update, "take", first)
    press(client, update, "decline", second)
    cast.bring(fresh(update), State.CONFIRMED)
    client.force_login(other)
    page = texts(client.get(reverse("workflow:record", args=[update.pk])))
    assert "市科技局提供的材料" in page
    for trace in ("财政局", "未采用", "截止 2026", "配合材料办理情况"):
        assert trace not in page[page.index("<h1") :]
    client.force_login(cast.office)
    page = texts(client.get(reverse("workflow:record", args=[update.pk])))
    assert [
        word for word in ("市科技局提供的材料", "财政局写的", "未采用", "配合材料办理情况") if word not in page
    ] == []


# --- Reminding -------------------------------------------------------------------------------------


def test_the_lead_urges_once_a_day(client, cast, asked, update):
    client.force_login(cast.clerk)
    press(client, update, "urge", asked)
    press(client, update, "urge", asked)
    assert told(cast.partner)[1:] == [
        f"市发展改革委催办：数字经济改革 · {update.heading}的配合材料还未提供，截止7月20日，请抓紧提供。"
    ]


def test_the_partner_is_reminded_the_day_before_on_the_day_and_once_it_is_late(cast, asked):
    Message.objects.all().delete()
    found = {}
    for day in ("2026-07-16", "2026-07-17", "2026-07-18", "2026-07-20", "2026-07-21", "2026-07-22"):
        with time_machine.travel(f"{day}T07:00+08:00", tick=False):
            known = set(told(cast.partner))
            call_command("remind", stdout=StringIO(), stderr=StringIO())
            found[day] = [text.rpartition("）")[2] for text in told(cast.partner) if text not in known]
    assert found == {
        "2026-07-16": [],
        "2026-07-17": ["，截止7月20日，还剩1个工作日。"],
        "2026-07-18": [],
        "2026-07-20": ["，截止7月20日，今天是最后一天。"],
        "2026-07-21": ["，已逾期，截止7月20日，请抓紧提供。"],
        "2026-07-22": [],
    }


def test_nobody_is_reminded_of_what_is_not_open(cast, asked, update):
    cast.bring(fresh(update), State.CONFIRMED)
    Message.objects.all().delete()
    with time_machine.travel("2026-07-21T07:00+08:00", tick=False):
        call_command("remind", stdout=StringIO(), stderr=StringIO())
    assert told(cast.partner) == []


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


@pytest.mark.usefixtures("given")
def test_the_leads_pages_ask_the_same_few_questions(client, cast, update, finance, django_assert_num_queries):
    others = [finance, factories.DepartmentFactory(name="市统计局")]
    AttachmentFactory(record=update)
    client.force_login(cast.clerk)
    client.get("/session/")  # the first request notes when the session began
    for prepare in (lambda: None, lambda: contributions.ask(update, cast.clerk, others, DAY, "")):
        cast.project.set_partners([cast.science, *others])
        prepare()
        with django_assert_num_queries(26):
            client.get(reverse("editing:edit", args=[update.pk]))
        with django_assert_num_queries(18):
            client.get(reverse("workflow:record", args=[update.pk]))
