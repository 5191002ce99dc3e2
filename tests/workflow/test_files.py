"""Evidence: what is taken, what is not and why, who gets it back, and that nothing is half kept."""

import datetime as dt
import errno
import json
from urllib.parse import unquote

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import documents
from tests.documents import open_xml
from tests.factories import promotion
from workflow import files, filetypes
from workflow.actions import perform
from workflow.models import Attachment
from workflow.states import State

PDF = documents.PDF
SPREADSHEET_MACRO = '<Override PartName="/xl/x.bin" ContentType="application/vnd.ms-office.vbaProject"/>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Types>&e;</Types>'

NOT_THIS = "文件内容不是"
MACROS, PROTECTED, DAMAGED, EXPANDS = (
    filetypes.MACROS,
    filetypes.PROTECTED,
    filetypes.DAMAGED,
    filetypes.EXPANDS,
)

BAD = {
    "a program": ("说明.exe", documents.EXE, "不能上传这种文件"),
    "a program named pdf": ("说明.pdf", documents.EXE, NOT_THIS),
    "a page": ("说明.html", documents.HTML, "不能上传这种文件"),
    "a page named png": ("图.png", documents.HTML, NOT_THIS),
    "a page named doc": ("说明.doc", documents.HTML, NOT_THIS),
    "a drawing with script": ("图.svg", documents.SVG, "不能上传这种文件"),
    "a drawing with script named png": ("图.png", documents.SVG, NOT_THIS),
    "a script named jpg": ("图.jpg", b"#!/bin/sh\nrm -rf /\n", NOT_THIS),
    "a png named jpg": ("图.jpg", documents.png(), NOT_THIS),
    "a jpg named pdf": ("图.pdf", documents.JPEG, NOT_THIS),
    "pdf after a page": ("说明.pdf", documents.HTML + documents.PDF, NOT_THIS),
    "two extensions": ("说明.pdf.exe", documents.PDF, "不能上传这种文件"),
    "no extension": ("说明", documents.PDF, "不能上传这种文件"),
    "only an extension": (".htaccess", documents.PDF, "不能上传这种文件"),
    "an archive": ("材料.zip", documents.zipped({"a.pdf": documents.PDF}), "不能上传这种文件"),
    "an archive named docx": ("材料.docx", documents.zipped({"a.pdf": documents.PDF}), NOT_THIS),
    "an archive named ofd": ("材料.ofd", documents.zipped({"a.pdf": documents.PDF}), NOT_THIS),
    "a program before an archive": ("材料.docx", documents.EXE + open_xml("docx"), NOT_THIS),
    "a workbook named docx": ("材料.docx", open_xml("xlsx"), NOT_THIS),
    "a docx named doc": ("材料.doc", open_xml("docx"), NOT_THIS),
    "a workbook of old named doc": ("材料.doc", documents.XLS, NOT_THIS),
    "slides named et": ("材料.et", open_xml("pptx"), NOT_THIS),
    "a text of old named dps": ("材料.dps", documents.DOC, NOT_THIS),
    "a template named docx": (
        "材料.docx",
        open_xml(
            "docx",
            main_type="application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        ),
        NOT_THIS,
    ),
    "a main part that is only promised": (
        "材料.docx",
        documents.zipped(
            {
                "[Content_Types].xml": '<Types><Override PartName="/word/document.xml" ContentType="application/'
                'vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
            }
        ),
        NOT_THIS,
    ),
    "a docm": ("材料.docm", documents.macro_enabled("docx"), "不能上传这种文件"),
    "a docm named docx": ("材料.docx", documents.macro_enabled("docx"), MACROS),
    "an xlsm named et": ("材料.et", documents.macro_enabled("xlsx"), MACROS),
    "a pptm named dps": ("材料.dps", documents.macro_enabled("pptx"), MACROS),
    "macros by name": ("材料.docx", open_xml("docx", **{"word__vbaProject.bin": "x"}), MACROS),
    "macros under another name": ("材料.xlsx", open_xml("xlsx", extra_types=SPREADSHEET_MACRO), MACROS),
    "macro sheets": ("材料.xlsx", open_xml("xlsx", **{"xl__macrosheets__sheet1.xml": "<x/>"}), MACROS),
    "a docm inside a docx": ("材料.docx", open_xml("docx", **{"word__embeddings__a.docm": "x"}), MACROS),
    "macros in a text of old": (
        "材料.doc",
        documents.ole({"WordDocument": documents.word_stream(), "Macros/VBA/dir": b"x"}),
        MACROS,
    ),
    "macros in a workbook of old": (
        "材料.et",
        documents.ole({"Workbook": documents.workbook_stream(), "_VBA_PROJECT_CUR/VBA/dir": b"x"}),
        MACROS,
    ),
    "an Excel 4 macro sheet": (
        "材料.xls",
        documents.ole({"Workbook": documents.workbook_stream(documents.sheet(0), documents.sheet(1))}),
        MACROS,
    ),
    "macros in slides of old": (
        "材料.ppt",
        documents.ole({"PowerPoint Document": b"\x02\0\0\4\x0c\0\0\0" + b"\7\0\0\0" + b"\1\0\0\0\2\0\0\0"}),
        MACROS,
    ),
    "a text of old with a password": (
        "材料.doc",
        documents.ole({"WordDocument": documents.word_stream(flags=0x0100)}),
        PROTECTED,
    ),
    "a workbook of old with a password": (
        "材料.xls",
        documents.ole({"Workbook": documents.workbook_stream((0x2F, bytes(54)))}),
        PROTECTED,
    ),
    "slides of old with a password": (
        "材料.ppt",
        documents.ole({"PowerPoint Document": b"x", "EncryptedSummary": b"x"}),
        PROTECTED,
    ),
    "a docx with a password": (
        "材料.docx",
        documents.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}),
        PROTECTED,
    ),
    "a zip with a password": ("材料.docx", documents.protected_zip(), PROTECTED),
    "a bomb": ("材料.docx", documents.bomb(), EXPANDS),
    "a crowd": ("材料.docx", documents.crowd(), EXPANDS),
    "half a docx": ("材料.docx", open_xml("docx")[:200], DAMAGED),
    "half a text of old": ("材料.doc", documents.DOC[:700], DAMAGED),
    "entities": ("材料.docx", documents.zipped({"[Content_Types].xml": XXE}), DAMAGED),
    "nothing": ("材料.pdf", b"", "文件是空的"),
}


@pytest.fixture
def draft(cast):
    cast.issued_map()
    return promotion(cast.project, cast.clerk)


@pytest.fixture
def address(draft):
    return reverse("workflow:upload", args=[draft.pk])


def sent(name, content=PDF):
    return SimpleUploadedFile(name, content)


def send(client, address, *uploads, ticked=True, **headers):
    data = {"files": list(uploads)} | ({"unclassified": "on"} if ticked else {})
    return client.post(address, data, headers={"Accept": "application/json"} | headers)


def stored_files(settings):
    return sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


# --- What is taken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extension", "content"), [(extension, content) for extension, all_ in documents.GOOD.items() for content in all_]
)
def test_every_format_of_the_list_is_taken(draft, cast, extension, content):
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent(f"材料.{extension.upper()}", content)], True)
    assert upload_errors == []
    assert [attachment.name for attachment in saved] == [f"材料.{extension.upper()}"]


def test_the_list_is_that_of_the_specification():
    allowed = "pdf ofd doc docx xls xlsx ppt pptx wps et dps jpg jpeg png"
    assert " ".join(filetypes.ALLOWED) == allowed
    assert set(documents.GOOD) == set(filetypes.ALLOWED)


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_taken_says_why_and_leaves_nothing(draft, cast, settings, what):
    name, content, sentence = BAD[what]
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent(name, content)], True)
    assert saved == []
    assert [upload_error.name for upload_error in upload_errors] == [name]
    assert sentence in upload_errors[0].text
    assert not Attachment.objects.exists()
    assert stored_files(settings) == []


def test_a_file_of_60_megabytes_is_too_big_and_one_of_50_is_not(draft, cast):
    def padded(megabytes):
        return sent("材料.pdf", PDF.ljust(megabytes * 1024 * 1024, b"\n"))

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


# --- Names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent_as", "kept_as"),
    [
        ("改" * 100 + ".pdf", "改" * 100 + ".pdf"),
        ("改" * 250 + ".pdf", "改" * 250 + ".pdf"),
        ("方案（终稿）— 第 3 版 & “新”，100%.pdf", "方案（终稿）— 第 3 版 & “新”，100%.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\材料.pdf", "材料.pdf"),
        ("C:\\桌面\\材料.pdf", "材料.pdf"),
        ("材料\u202efdp.exe.pdf", "材料fdp.exe.pdf"),
        ("材\x00\x07料\r\n.pdf", "材料.pdf"),
        ("𠮷野家𪚥.pdf", "𠮷野家𪚥.pdf"),
    ],
)
def test_names_survive_the_round_trip_without_what_could_deceive(draft, cast, client, sent_as, kept_as):
    upload = sent("x.pdf")
    upload._name = sent_as  # past what the parser of requests would have removed already
    [attachment], _ = files.save_files(draft, cast.clerk, [upload], True)
    assert attachment.name == kept_as
    client.force_login(cast.clerk)
    answer = client.get(reverse("workflow:download", args=[attachment.pk]))
    assert answer.getvalue() == PDF
    how, _, name = answer["Content-Disposition"].partition("; ")
    assert how == "attachment"
    assert unquote(name.removeprefix("filename*=utf-8''").removeprefix("filename=").strip('"')) == kept_as


def test_stored_names_are_random_and_inside_the_folder_of_uploads(draft, cast, settings):
    upload = sent("x.pdf")
    upload._name = "../../../材料.pdf"
    [attachment], _ = files.save_files(draft, cast.clerk, [upload], True)
    [path] = stored_files(settings)
    assert path == settings.MEDIA_ROOT / attachment.file.name
    assert len(path.stem) == 32
    assert "材料" not in str(path)
    assert path.stat().st_mode & 0o111 == 0


@pytest.mark.parametrize(
    "name",
    [
        "机密★10年.pdf",
        "改革方案（机密★长期）.docx",
        "绝密.pdf",
        "【机密】改革方案.pdf",
        "秘密-改革方案.pdf",
        "秘密改革方案.pdf",
        "改革方案_秘密.pdf",
        "改革方案（秘密）.pdf",
        "改革方案 机密件 .pdf",
        "机 密 ★ 20年 方案.pdf",
        "方案秘密5年.pdf",
        "附件1机密.pdf",
        "关于改革的报告绝密.pdf",
        "改革方案机密.pdf",
    ],
)
def test_names_with_a_mark_of_secrecy_are_refused_and_the_mailbox_is_named(draft, cast, settings, name):
    settings.INTRANET_MAILBOX = "市委党政内网邮箱 abc@cq"
    saved, [upload_error] = files.save_files(draft, cast.clerk, [sent(name)], True)
    assert saved == []
    assert "密级标志" in upload_error.text
    assert "市委党政内网邮箱 abc@cq" in upload_error.text


@pytest.mark.parametrize(
    "name",
    [
        "商业秘密保护改革方案.pdf",
        "保守国家秘密.pdf",
        "企业商业秘密.pdf",
        "工作秘密管理办法.pdf",
        "保密工作总结.pdf",
        "司机密切配合情况.pdf",
        "飞机密封件产业链改革.pdf",
        "密云水库经验.pdf",
    ],
)
def test_words_that_only_look_like_a_mark_are_no_mark(name):
    assert not filetypes.is_marked(name)


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

    monkeypatch.setattr(Attachment.objects, "create", fail)
    with pytest.raises(RuntimeError):
        files.save_files(draft, cast.clerk, [sent("材料.pdf")], True)
    assert stored_files(settings) == []


# --- Classified evidence is registered, never sent ---------------------------------------------------


def register(client, draft, title, sent_on):
    return client.post(
        reverse("workflow:classified", args=[draft.pk]),
        {"classified_title": title, "classified_sent_on": sent_on},
        headers={"Accept": "application/json"},
    )


@pytest.mark.parametrize("typed", ["2026-07-01", "2026/7/1", "2026年7月1日", "２０２６．７．１"])
def test_classified_evidence_is_registered_by_title_and_day(client, cast, draft, typed):
    draft.classified_notices.all().delete()
    client.force_login(cast.clerk)
    notice = register(client, draft, "某项报告", typed).json()["notice"]
    assert (notice["title"], notice["sent_on"]) == ("某项报告", "2026-07-01")
    registered = draft.classified_notices.get()
    assert (registered.title, registered.sent_on) == ("某项报告", dt.date(2026, 7, 1))
    assert registered.registrar == cast.clerk
    assert draft.has_evidence

    client.post(notice["remove"], headers={"Accept": "application/json"})
    assert not draft.has_evidence


@pytest.mark.parametrize(
    ("typed", "sentences"),
    [
        (("", ""), ["请填写已报送涉密材料的标题。", "请填写涉密材料的报送日期。"]),
        (("报" * 101, "2026-07-01"), ["涉密材料的标题不超过 100 字，现有 101 字。"]),
        (("报告", "2026-07-16"), ["涉密材料的报送日期不能晚于今天。"]),
        (("报告", "昨天"), ["涉密材料的报送日期有误，例如 2026-07-01。"]),
        (("报告", "2026-13-01"), ["涉密材料的报送日期有误，例如 2026-07-01。"]),
    ],
)
def test_what_is_wrong_with_a_notice_is_said_all_at_once(client, cast, draft, typed, sentences):
    client.force_login(cast.clerk)
    answer = register(client, draft, *typed)
    assert answer.status_code == 422
    assert [problem["text"] for problem in answer.json()["problems"]] == sentences
    assert draft.classified_notices.count() == 1


def test_notices_are_frozen_with_the_record(client, cast, draft):
    perform(draft.pk, "submit", cast.clerk, draft.version)
    client.force_login(cast.clerk)
    assert "不能再修改" in register(client, draft, "报告", "2026-07-01").json()["problems"][0]["text"]
    notice = draft.classified_notices.get()
    client.post(reverse("workflow:notice_remove", args=[draft.pk, notice.pk]))
    assert draft.classified_notices.get() == notice


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
