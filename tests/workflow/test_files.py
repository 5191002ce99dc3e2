"""Evidence: what is kept, who gets it back, and that nothing is half kept."""

import errno
import json

import pytest
from django.core.files.storage import FileSystemStorage
from django.urls import reverse

from tests import documents
from tests.editing import fields_of
from tests.factories import promotion
from tests.uploads import send, sent, stored_files
from workflow import files
from workflow.forms import ClassifiedNoticeForm
from workflow.models import Attachment
from workflow.states import State

PDF = documents.PDF

# --- How much is kept -----------------------------------------------------------------------------


def test_a_file_of_60_megabytes_is_too_big_and_one_of_50_is_not(draft, cast):
    def padded(megabytes):
        body, end = PDF[: PDF.rindex(b"startxref")], PDF[PDF.rindex(b"startxref") :]
        return sent("材料.pdf", (body + b"%").ljust(megabytes * 1024 * 1024 - len(end) - 1, b"x") + b"\n" + end)

    saved, upload_errors = files.save_files(draft, cast.clerk, [padded(60), padded(50)], True)
    assert [attachment.size for attachment in saved] == [50 * 1024 * 1024]
    assert upload_errors == [("材料.pdf", "文件超过 50 MB，请压缩或拆分后再上传。")]


def test_a_record_holds_twenty_files(draft, cast):
    many = [sent(f"材料{number}.pdf", PDF + bytes([number])) for number in range(21)]
    saved, upload_errors = files.save_files(draft, cast.clerk, many, True)
    assert len(saved) == draft.attachments.current().count() == 20
    assert upload_errors == [("材料20.pdf", "每条记录最多上传 20 个文件。")]

    files.remove_file(draft, cast.clerk, saved[0].pk)
    assert files.save_files(draft, cast.clerk, [many[20]], True)[1] == []


def test_the_same_file_sent_twice_is_kept_once(draft, cast, settings):
    once, _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    again, _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert once == again
    assert len(stored_files(settings)) == 1


# --- When, and by whom ----------------------------------------------------------------------------


def test_without_the_tick_nothing_is_taken(client, cast, draft, address):
    client.force_login(cast.clerk)
    answer = send(client, address, sent("材料.pdf"), ticked=False)
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"name": "", "text": files.NOT_TICKED}]
    assert not draft.attachments.exists()


def test_good_ones_are_kept_and_bad_ones_named_in_one_answer(client, cast, draft, address):
    client.force_login(cast.clerk)
    answer = send(client, address, sent("好.pdf"), sent("坏.pdf", documents.EXE))
    assert answer.status_code == 200
    [saved] = answer.json()["saved"]
    assert (saved["name"], saved["url"]) == ("好.pdf", reverse("workflow:download", args=[saved["id"]]))
    assert [problem["name"] for problem in answer.json()["problems"]] == ["坏.pdf"]


def test_a_plain_form_comes_back_to_the_edit_page_with_the_sentences(client, cast, draft, address):
    client.force_login(cast.clerk)
    data = {"files": [sent("好.pdf"), sent("坏.pdf", documents.EXE)], "unclassified": "on"}
    answer = client.post(address, data)
    assert answer.url == reverse("editing:edit", args=[draft.pk])
    [message] = answer.wsgi_request._messages
    assert str(message).startswith("“坏.pdf”：")
    assert [attachment.name for attachment in draft.attachments.all()] == ["好.pdf"]


def test_a_page_that_came_too_late_offers_no_work_on_files(client, cast, draft):
    files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(cast.clerk)
    page = client.get(reverse("editing:edit", args=[draft.pk])).content.decode()
    assert 'aria-label="移除 材料.pdf"' in page
    stale = fields_of(draft)
    cast.bring(draft, State.SUBMITTED)
    answer = client.post(reverse("editing:edit", args=[draft.pk]), stale | {"save": ""})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "材料.pdf" in page
    assert 'aria-label="移除' not in page


def test_files_change_only_while_the_record_can_be_edited(client, cast, draft, address):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    cast.bring(draft, State.SUBMITTED)
    client.force_login(cast.clerk)
    answer = send(client, address, sent("又一份.pdf"))
    assert answer.status_code == 422
    assert "不能再修改" in answer.json()["problems"][0]["text"]
    removal = client.post(
        reverse("workflow:file_remove", args=[draft.pk, attachment.pk]), headers={"Accept": "application/json"}
    )
    assert removal.status_code == 409
    assert [file.name for file in draft.attachments.current()] == ["材料.pdf"]


@pytest.mark.parametrize("who", ["stranger", "strange_reviewer", "partner", "admin", "auditor"])
def test_who_cannot_see_the_record_can_do_nothing_with_its_files(client, cast, draft, address, who):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(getattr(cast, who))
    notice = draft.classified_notices.get()
    attempts = [
        send(client, address, sent("别人的.pdf")),
        client.post(reverse("workflow:file_remove", args=[draft.pk, attachment.pk])),
        client.post(reverse("workflow:classified", args=[draft.pk]), {}),
        client.post(reverse("workflow:notice_remove", args=[draft.pk, notice.pk])),
        client.get(reverse("workflow:download", args=[attachment.pk])),
    ]
    assert [answer.status_code for answer in attempts] == [404] * 5
    assert [file.name for file in draft.attachments.current()] == ["材料.pdf"]
    assert draft.classified_notices.count() == 1


@pytest.mark.parametrize("who", ["reviewer", "office"])
def test_reviewers_read_files_and_never_change_them(client, cast, draft, address, who):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(getattr(cast, who))
    assert send(client, address, sent("审核人员的.pdf")).status_code == 422
    client.post(reverse("workflow:file_remove", args=[draft.pk, attachment.pk]))
    assert [file.name for file in draft.attachments.current()] == ["材料.pdf"]
    assert client.get(reverse("workflow:download", args=[attachment.pk])).getvalue() == PDF


def test_a_file_of_another_record_is_not_removed_through_mine(client, cast, draft):
    other = promotion(cast.project, cast.clerk2)
    [attachment], _ = files.save_files(other, cast.clerk, [sent("另一条的.pdf")], True)
    client.force_login(cast.clerk)
    client.post(reverse("workflow:file_remove", args=[draft.pk, attachment.pk]))
    assert other.attachments.current().count() == 1


# --- Removing, and what earlier submissions spoke of ------------------------------------------------


def test_removing_twice_is_removing_once(client, cast, draft):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(cast.clerk)
    address = reverse("workflow:file_remove", args=[draft.pk, attachment.pk])
    answers = [client.post(address, headers={"Accept": "application/json"}) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"problems": []})] * 2
    assert not draft.attachments.current().exists()


def test_a_removed_file_stays_readable_if_it_was_submitted_once(client, cast, draft):
    [shown], _ = files.save_files(draft, cast.clerk, [sent("上报过.pdf")], True)
    returned = cast.bring(draft, State.REJECTED)
    [never], _ = files.save_files(returned, cast.clerk, [sent("没上报过.pdf", PDF + b"2")], True)
    files.remove_file(returned, cast.clerk, shown.pk)
    files.remove_file(returned, cast.clerk, never.pk)
    client.force_login(cast.reviewer)
    assert client.get(reverse("workflow:download", args=[shown.pk])).getvalue() == PDF
    assert client.get(reverse("workflow:download", args=[never.pk])).status_code == 404


def test_the_timeline_says_who_removed_what_to_those_who_see_history(client, cast, draft):
    [removed], _ = files.save_files(draft, cast.clerk, [sent("旧方案.pdf")], True)
    files.save_files(draft, cast.clerk, [sent("新方案.pdf", PDF + b"2")], True)
    files.register_notice(draft, cast.clerk, notice_form("某专项报告"))
    files.remove_file(draft, cast.clerk2, removed.pk)
    files.remove_notice(draft, cast.clerk2, draft.classified_notices.current().last().pk)
    cast.bring(draft, State.CONFIRMED)
    address = reverse("workflow:record", args=[draft.pk])
    for who in ("clerk", "reviewer", "office"):
        client.force_login(getattr(cast, who))
        answer = client.get(address)
        told = [(step.label, step.actor_name, step.detail) for step in answer.context["steps"][-2:]]
        assert sorted(told) == [
            ("移除涉密材料登记", "录入乙", "某专项报告"),
            ("移除附件", "录入乙", "旧方案.pdf"),
        ]
        page = answer.content.decode()
        assert page.count("旧方案.pdf") == 1
        assert "市发展改革委 · 07-15 09:00" in page
    client.force_login(cast.partner)
    page = client.get(address).content.decode()
    assert "新方案.pdf" in page
    assert "旧方案.pdf" not in page
    assert "某专项报告" not in page


def test_what_was_removed_is_no_evidence_and_may_be_registered_again(cast, draft):
    draft.classified_notices.all().delete()
    first = files.register_notice(draft, cast.clerk, notice_form("某专项报告"))
    files.remove_notice(draft, cast.clerk, first.pk)
    assert not draft.has_evidence
    assert draft.full_snapshot()["classified_notices"] == []
    again = files.register_notice(draft, cast.clerk, notice_form("某专项报告"))
    assert again.pk != first.pk
    assert draft.has_evidence


def notice_form(title):
    form = ClassifiedNoticeForm({"classified_title": title, "classified_sent_on": "2026-07-01"})
    assert form.is_valid()
    return form


def test_a_discarded_draft_takes_its_files_along(client, cast, draft, settings, django_capture_on_commit_callbacks):
    files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(cast.clerk)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("workflow:discard", args=[draft.pk]), {"version": draft.version})
    assert stored_files(settings) == []


# --- Downloads --------------------------------------------------------------------------------------


def test_a_download_is_never_shown_inside_a_page(client, cast, draft):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    client.force_login(cast.clerk)
    answer = client.get(reverse("workflow:download", args=[attachment.pk]))
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer.streaming
    assert answer.getvalue() == PDF


def test_a_partner_gets_the_files_of_settled_records_only(client, cast, draft):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    address = reverse("workflow:download", args=[attachment.pk])
    client.force_login(cast.partner)
    cast.bring(draft, State.DEPT_APPROVED)
    assert client.get(address).status_code == 404
    cast.act(draft, "office", "confirm")
    assert client.get(address).getvalue() == PDF


def test_a_file_that_is_gone_from_the_disk_has_a_page_that_says_so(client, cast, draft, settings):
    [attachment], _ = files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    stored_files(settings)[0].unlink()
    client.force_login(cast.clerk)
    answer = client.get(reverse("workflow:download", args=[attachment.pk]))
    assert answer.status_code == 404
    assert "服务器上没有找到这个文件" in answer.content.decode()


# --- A full disk ------------------------------------------------------------------------------------


def test_a_full_disk_leaves_a_sentence_and_no_fragment(cast, draft, settings, monkeypatch):
    whole_save = FileSystemStorage._save

    def run_out(self, name, content):
        if content.name == "second.pdf":
            whole_save(self, name, sent("x", b"half"))
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole_save(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", run_out)
    uploads = [sent("first.pdf"), sent("second.pdf", PDF + b"2")]
    [saved], upload_errors = files.save_files(draft, cast.clerk, uploads, True)
    assert saved.name == "first.pdf"
    assert upload_errors == [("second.pdf", files.NO_ROOM)]
    assert draft.attachments.count() == len(stored_files(settings)) == 1


def test_when_the_rows_cannot_be_written_no_file_stays_behind(cast, draft, settings, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(Attachment, "save", fail)
    with pytest.raises(RuntimeError):
        files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert stored_files(settings) == []


# --- Together with the text of an edit page ------------------------------------------------------------


def test_an_edit_page_may_send_everything_at_once(rf, cast, draft):
    [old], _ = files.save_files(draft, cast.clerk, [sent("旧.pdf")], True)
    request = rf.post(
        "/",
        {
            "files": [sent("新.pdf", PDF + b"2"), sent("坏.pdf", documents.EXE)],
            "unclassified": "on",
            "remove_file": str(old.pk),
            "classified_title": "某项报告",
            "classified_sent_on": "2027-01-01",
        },
    )
    request.user = cast.clerk
    upload_errors = [str(upload_error) for upload_error in files.receive(request, draft)]
    assert upload_errors[0] == "涉密材料的报送日期不能晚于今天。"
    assert upload_errors[1].startswith("“坏.pdf”：文件内容不是 pdf 格式")
    assert [file.name for file in draft.attachments.current()] == ["新.pdf"]


@pytest.mark.parametrize("junk", ["x", "-1", "１", "9" * 30, ""])
def test_a_forged_removal_does_nothing(rf, cast, draft, junk):
    files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    request = rf.post("/", {"remove_file": junk, "remove_notice": junk})
    request.user = cast.clerk
    assert files.receive(request, draft) == []
    assert draft.attachments.current().count() == draft.classified_notices.count() == 1


def test_answers_to_scripts_are_plain_json(client, cast, draft, address):
    client.force_login(cast.clerk)
    answer = send(client, address, sent("<img src=x onerror=alert(1)>.pdf"))
    assert answer["Content-Type"] == "application/json"
    assert json.loads(answer.content)["saved"][0]["name"] == "<img src=x onerror=alert(1)>.pdf"
