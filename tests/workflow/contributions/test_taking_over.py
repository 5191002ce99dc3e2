"""What the lead does with 配合材料: reads it once given, takes it over or not, withdraws its request."""

import pytest
from django.urls import reverse

from reform.models import PlanUpdate
from tests import factories
from tests.documents import PDF
from tests.editing import fields_of, reloaded
from tests.factories import AttachmentFactory
from tests.uploads import sent, stored_files
from tests.workflow.contributions.pages import DAY, STATUS, fill, press, texts, told
from workflow import contributions, quota
from workflow.actions import discard
from workflow.models import Contribution
from workflow.refusals import ActionRefused

pytestmark = pytest.mark.sql


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


def test_the_lead_looks_at_its_files_without_leaving_the_form(client, cast, asked, update):
    client.force_login(cast.partner)
    fill(client, asked, "已建成算力中心1个。", "give", files=[sent("清单.pdf")], unclassified="on")
    client.force_login(cast.clerk)
    page = texts(client.get(reverse("editing:edit", args=[update.pk])))
    assert "data-preview" in page
    assert '<dialog class="preview-dialog card" id="preview-dialog"' in page
    assert "js/preview.js" in page


def test_what_is_taken_over_is_in_the_text_and_the_files(client, cast, asked, update):
    client.force_login(cast.partner)
    fill(client, asked, "已建成算力中心1个。", "give", files=[sent("清单.pdf")], unclassified="on")
    client.force_login(cast.clerk)
    typed = fields_of(update, work_done="召开专班会议。") | {"contribution": f"take-{asked.pk}"}
    client.post(reverse("editing:edit", args=[update.pk]), typed)
    update = reloaded(update)
    assert update.work_done == "召开专班会议。\n【市科技局提供】已建成算力中心1个。"
    assert "清单.pdf" in [file.name for file in update.attachments.current()]
    assert reloaded(asked).status == STATUS.TAKEN
    assert told(cast.partner)[-1].endswith("：市发展改革委已采用贵单位的配合材料。")
    press(client, update, "take", asked)
    assert reloaded(update).work_done == update.work_done


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
    before = reloaded(update).work_done
    client.force_login(cast.clerk)
    press(client, update, "decline", given)
    assert (reloaded(update).work_done, reloaded(given).status) == (before, STATUS.DECLINED)
    contributions.ask(update, cast.clerk, [cast.science], DAY, "请补充数据")
    assert (reloaded(given).status, reloaded(given).text) == (STATUS.ASKED, "已建成算力中心1个。")
    assert len(told(cast.partner)) == 3


def test_a_text_that_would_be_too_long_is_refused(client, cast, given, update):
    PlanUpdate.objects.filter(pk=update.pk).update(work_done="字" * 4995)
    client.force_login(cast.clerk)
    answer = client.post(
        reverse("editing:edit", args=[update.pk]), fields_of(update) | {"contribution": f"take-{given.pk}"}, follow=True
    )
    assert "采用后“已开展工作”超过 5000 字，请先精简，再采用。" in texts(answer)
    assert reloaded(given).status == STATUS.GIVEN


def test_what_was_given_is_decided_before_the_update_is_submitted(client, cast, given, update):
    assert [problem.text for problem in reloaded(update).problems()] == ["市科技局已提供配合材料，请先决定是否采用。"]
    client.force_login(cast.clerk)
    press(client, update, "decline", given)
    assert reloaded(update).problems() == []


def test_a_request_is_withdrawn(client, cast, asked, update):
    client.force_login(cast.clerk)
    press(client, update, "withdraw", asked)
    assert reloaded(asked).status == STATUS.WITHDRAWN
    client.force_login(cast.partner)
    answer = fill(client, asked, "已经写好", "give")
    assert (answer.status_code, "市发展改革委已撤回，不必提供。" in texts(answer)) == (409, True)


@pytest.mark.usefixtures("asked")
def test_a_draft_with_requests_is_not_thrown_away(cast, update, client, settings, django_capture_on_commit_callbacks):
    asked = update.contributions.get()
    with pytest.raises(ActionRefused, match="已请配合单位提供材料"):
        discard(update.pk, cast.clerk, reloaded(update).version)
    client.force_login(cast.partner)
    fill(client, asked, "", files=[sent("清单.pdf")], unclassified="on")
    client.force_login(cast.clerk)
    press(client, update, "withdraw", asked)
    with django_capture_on_commit_callbacks(execute=True):
        discard(update.pk, cast.clerk, reloaded(update).version)
    assert not Contribution.objects.exists()
    assert stored_files(settings) == []


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
