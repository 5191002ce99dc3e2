"""What is taken as evidence, and what is not and why."""

import pytest

from fixtures import sample_files
from tests import documents
from tests.documents import open_xml
from tests.uploads import sent, stored_files
from workflow import files, filetypes
from workflow.models import Attachment
from workflow.secrecy import is_marked

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
    "a picture of an iPhone named jpg": (
        "IMG_0001.jpg",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        "图片实际是 heic 格式，请另存为 jpg 或 png 格式后再上传。",
    ),
    "a webp named jpg": (
        "图.jpg",
        b"RIFF$\0\0\0WEBPVP8 " + bytes(24),
        "图片实际是 webp 格式，请另存为 jpg 或 png 格式后再上传。",
    ),
    "a pdf that starts too late": ("材料.pdf", bytes(1025) + documents.PDF, NOT_THIS),
    "a pdf after a program": ("材料.pdf", documents.EXE[:300] + documents.PDF, NOT_THIS),
    "half a pdf": ("材料.pdf", documents.PDF[: len(documents.PDF) // 2], DAMAGED),
    "a pdf without its end": ("材料.pdf", documents.PDF[: documents.PDF.index(b"xref")], DAMAGED),
    "a pdf whose middle is missing": ("材料.pdf", documents.PDF[:20] + documents.PDF[-60:], DAMAGED),
    "a pdf without a page": (
        "材料.pdf",
        b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
        DAMAGED,
    ),
    "a pdf with a password": ("材料.pdf", documents.pdf(password="x"), PROTECTED),
    "a pdf of old with a password": ("材料.pdf", documents.pdf(password="x", algorithm="RC4-128"), PROTECTED),
    "a jpg named pdf": ("图.pdf", documents.JPEG, NOT_THIS),
    "pdf after a page": ("说明.pdf", documents.HTML + documents.PDF, NOT_THIS),
    "two extensions": ("说明.pdf.exe", documents.PDF, "不能上传这种文件"),
    "no extension": ("说明", documents.PDF, "不能上传这种文件"),
    "only an extension": (".htaccess", documents.PDF, files.BAD_NAME),
    "an archive": ("材料.zip", documents.zipped({"a.pdf": documents.PDF}), "不能上传这种文件"),
    "an archive named docx": ("材料.docx", documents.zipped({"a.pdf": documents.PDF}), NOT_THIS),
    "an archive named ofd": ("材料.ofd", documents.zipped({"a.pdf": documents.PDF}), NOT_THIS),
    "a program before an archive": ("材料.docx", documents.EXE + open_xml("docx"), NOT_THIS),
    "a workbook named docx": ("材料.docx", open_xml("xlsx"), NOT_THIS),
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
    "a docx whose text is damaged": ("材料.docx", documents.damaged(open_xml("docx"), "word/document.xml"), DAMAGED),
    "a pdf after a mail": ("材料.pdf", b"<html><body>" + documents.PDF, NOT_THIS),
    "an ofd of something else": ("材料.ofd", documents.ofd("<Letter/>"), NOT_THIS),
    "half an ofd": ("材料.ofd", documents.ofd()[:200], DAMAGED),
    "a docx with a part twice": ("材料.docx", documents.ofd(twice=True), DAMAGED),
    "half a text of old": ("材料.doc", documents.DOC[:700], DAMAGED),
    "entities": ("材料.docx", documents.zipped({"[Content_Types].xml": XXE}), DAMAGED),
    "nothing": ("材料.pdf", b"", "文件是空的"),
}


@pytest.mark.parametrize(
    ("extension", "content"), [(extension, content) for extension, all_ in documents.GOOD.items() for content in all_]
)
def test_every_format_of_the_list_is_taken(draft, cast, extension, content):
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent(f"材料.{extension.upper()}", content)], True)
    assert upload_errors == []
    assert [attachment.name for attachment in saved] == [f"材料.{extension.upper()}"]


@pytest.mark.parametrize(
    ("sent_as", "content", "kept_as"),
    [
        ("微信图片.jpg", documents.png(), "微信图片.png"),
        ("截图.png", documents.JPEG, "截图.jpg"),
        ("IMG.JPG", documents.JPEG, "IMG.JPG"),
        ("IMG.JPG", documents.png(), "IMG.png"),
        ("照片.jpeg", documents.JPEG, "照片.jpeg"),
        ("说明.第2版.doc", open_xml("docx"), "说明.第2版.docx"),
        ("说明.docx", documents.DOC, "说明.doc"),
        ("汇总.xls", open_xml("xlsx"), "汇总.xlsx"),
        ("汇报.pptx", documents.PPT, "汇报.ppt"),
        ("说明.wps", open_xml("docx"), "说明.wps"),
    ],
)
def test_what_is_named_as_its_sibling_is_kept_under_its_true_kind(draft, cast, sent_as, content, kept_as):
    [attachment], upload_errors = files.save_files(draft, cast.clerk, [sent(sent_as, content)], True)
    assert upload_errors == []
    assert attachment.name == kept_as
    assert attachment.file.name.endswith("." + kept_as.rpartition(".")[2].lower())


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


# --- Marks of secrecy -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "机密★10年.pdf",
        "改革方案（机密★长期）.docx",
        "绝密.pdf",
        "【机密】改革方案.pdf",
        "秘密-改革方案.pdf",
        "改革方案_秘密.pdf",
        "改革方案（秘密）.pdf",
        "改革方案 机密件 .pdf",
        "机 密 ★ 20年 方案.pdf",
        "方案秘密5年.pdf",
        "附件1机密.pdf",
        "关于改革的报告绝密.pdf",
        "改革方案机密.pdf",
        "机密 2 年.pdf",
        "机密2年 改革方案.pdf",
        "秘密（6个月）改革方案.pdf",
        "秘密★改革方案.pdf",
        "绝密改革方案.pdf",
        "机密级.pdf",
        "機密.pdf",
        "機密★二十年.pdf",
        "絕密★.pdf",
        "祕密.pdf",
    ],
)
def test_names_with_a_mark_of_secrecy_are_refused_and_the_mailbox_is_named(draft, cast, settings, name):
    settings.INTRANET_MAILBOX = "市委党政内网邮箱 abc@cq"
    saved, [upload_error] = files.save_files(draft, cast.clerk, [sent(name)], True)
    assert saved == []
    assert "密级标志" in upload_error.text
    assert "市委党政内网邮箱 abc@cq" in upload_error.text


@pytest.mark.parametrize(
    ("make", "kind"), [(sample_files.pdf, "pdf"), (sample_files.docx, "docx"), (sample_files.docx, "wps")]
)
@pytest.mark.parametrize(
    ("head", "marked"),
    [
        ("机密★10年", True),
        ("000012 秘密★1年 特急", True),
        ("密级：机密", True),
        ("绝密", True),
        ("秘密 5年", True),
        ("機密", True),
        ("关于印发机密计算平台建设方案的通知", False),
        ("企业商业秘密保护指引", False),
        ("定密工作要求：机密级事项须逐级审批", False),
    ],
)
def test_a_paper_that_is_headed_by_a_mark_is_refused(draft, cast, make, kind, head, marked):  # noqa: PLR0917
    saved, upload_errors = files.save_files(draft, cast.clerk, [sent(f"材料.{kind}", make(head))], True)
    assert bool(saved) is not marked
    assert [error.text.partition("。")[0] for error in upload_errors] == ["文件内容带有密级标志"] * marked


def test_a_workbook_headed_by_a_mark_is_refused(draft, cast):
    words = {"xl__sharedStrings.xml": "<sst><si><t>改革台账</t></si><si><r><t>机</t></r><r><t>密★</t></r></si></sst>"}
    _, [upload_error] = files.save_files(draft, cast.clerk, [sent("台账.xlsx", open_xml("xlsx", **words))], True)
    assert "文件内容带有密级标志" in upload_error.text


@pytest.mark.parametrize(
    "name",
    [
        "商业秘密保护改革方案.pdf",
        "商业秘密3年行动方案.pdf",
        "保守国家秘密.pdf",
        "企业商业秘密.pdf",
        "商业机密.pdf",
        "工作秘密管理办法.pdf",
        "秘密投票制度改革.pdf",
        "保密工作总结.pdf",
        "机密计算平台建设方案.pdf",
        "隐私与机密计算2026年方案.pdf",
        "计算机密码应用改革.pdf",
        "杜绝密集施工扰民.pdf",
        "拒绝密码明文存储整改.pdf",
        "司机密切配合情况.pdf",
        "飞机密封件产业链改革.pdf",
        "密云水库经验.pdf",
    ],
)
def test_words_that_only_look_like_a_mark_are_no_mark(name):
    assert not is_marked(name)
