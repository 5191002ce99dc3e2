"""Evidence seen in place: what of each kind of file, by whom, and that nothing of a file is ever at work."""

import base64
import io
import re
import zipfile
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from docx import Document
from openpyxl import Workbook
from PIL import Image
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from fixtures import sample_files
from tests import documents
from tests.factories import AttachmentFactory
from workflow import confined, files
from workflow.previews import reader
from workflow.states import State

REFUSED = "无法预览，请下载查看。"
POLICY = {"sandbox allow-same-origin allow-downloads", "default-src 'none'", "img-src data:", "form-action 'none'"}


@pytest.fixture
def see(client, cast, draft):
    """see("材料.pdf", content, page=2): the text of the page that shows it to its clerk."""

    def look(name, content, who="clerk", **query):
        attachment = AttachmentFactory(record=draft, name=name, file=ContentFile(content, name))
        client.force_login(getattr(cast, who))
        answer = client.get(reverse("workflow:preview", args=[attachment.pk]), query)
        assert answer.status_code == 200
        assert_at_rest(answer)
        return answer.content.decode()

    return look


def assert_at_rest(answer):
    """Whatever the file is, its page may only be looked at."""
    assert set(answer["Content-Security-Policy"].split("; ")) >= POLICY
    assert "script-src" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    page = answer.content.decode()
    assert not re.search(r"<(script|object|embed|iframe|form|link(?! rel=\"stylesheet\"))|\son\w+=|javascript:", page)


def pictures(page):
    found = re.findall(r'<im(?:g|age)[^>]+"data:image/(?:png|jpeg);base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]


def picture(kind, size=(40, 20), mode="RGB"):
    content = io.BytesIO()
    Image.new(mode, size).save(content, kind)
    return content.getvalue()


def saved(document):
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


# --- Each kind of file ------------------------------------------------------------------------------


def test_pages_of_a_pdf_are_turned_and_enlarged(see):
    writer = PdfWriter()
    for width in (400, 600, 800):
        writer.add_blank_page(width, 600)
    content = io.BytesIO()
    writer.write(content)
    first = see("三页.pdf", content.getvalue())
    assert "第 1 页 / 共 3 页" in first
    assert [drawn.size for drawn in pictures(first)] == [(900, 1350)]
    assert 'href="?page=2&amp;zoom=100"' in first
    second = see("三页.pdf", content.getvalue(), page=2, zoom=150)
    assert [drawn.size for drawn in pictures(second)] == [(1350, 1350)]
    assert 'href="?page=3&amp;zoom=150"' in second
    assert [drawn.size for drawn in pictures(see("三页.pdf", content.getvalue(), page=99, view="thumbnail"))] == [
        (480, 360)
    ]


def test_the_words_of_a_page_stand_under_it(see):
    assert "县域医共体派驻通知" in see("通知.pdf", sample_files.pdf("县域医共体派驻通知"))


@pytest.mark.parametrize(("name", "kind"), [("照片.jpg", "JPEG"), ("照片.png", "PNG")])
def test_a_picture_is_drawn_anew_without_what_came_with_it(see, name, kind):
    content = picture(kind) + b"<script>alert(1)</script>"
    [drawn] = pictures(see(name, content))
    assert drawn.size == (40, 20)
    assert b"script" not in content[:20] + drawn.tobytes()


def test_a_document_shows_its_paragraphs_and_tables_as_text(see):
    document = Document()
    document.add_paragraph("一、<b>工作情况</b>")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "指标", "<script>alert(1)</script>"
    page = see("报告.docx", saved(document))
    assert "一、&lt;b&gt;工作情况&lt;/b&gt;" in page
    assert "<td>指标</td><td>&lt;script&gt;alert(1)&lt;/script&gt;</td>" in page


def test_inserted_text_is_shown_and_deleted_text_is_not(see):
    word = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = (
        f"<w:document {word}><w:body><w:sdt><w:sdtContent><w:p><w:ins><w:r><w:t>新写的</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>删去的</w:delText></w:r></w:del></w:p></w:sdtContent></w:sdt></w:body></w:document>"
    )
    page = see("修订.docx", documents.zipped({"word/document.xml": body}))
    assert "新写的" in page
    assert "删去的" not in page


def test_slides_show_their_words(see):
    slide = '<p:sld xmlns:p="p" xmlns:a="a"><p:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:txBody></p:sld>'
    parts = {f"ppt/slides/slide{number}.xml": slide.format(f"第{number}张的话") for number in (1, 2, 10)}
    page = see("汇报.pptx", documents.zipped(parts), page=3)
    assert "第10张的话" in page
    assert "第 3 页 / 共 3 页" in page


def test_sheets_show_what_people_see_of_them(see):
    book = Workbook()
    book.active.append(["区县", "=1+1"])
    book.active.append(["隐藏的一行"])
    book.active.row_dimensions[2].hidden = True
    book.create_sheet("第二张").append(["口径", 12.5])
    first = see("统计.xlsx", saved(book))
    assert "<td>区县</td>" in first
    assert "隐藏的一行" not in first
    assert "隐藏的行没有显示：第 2 行。" in first
    assert "1 个单元格没有可显示的值。" in first
    second = see("统计.xlsx", saved(book), page=2)
    assert "<h2>第二张</h2>" in second
    assert "<td>口径</td><td>12.5</td>" in second
    assert "第 2 表 / 共 2 表" in second


def test_ofd_shows_words_where_they_stand_and_its_pictures(see):
    with zipfile.ZipFile(io.BytesIO(sample_files.ofd("统计表"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    place = "Doc_0/Pages/Page_0/Content.xml"
    parts[place] = parts[place].replace(
        b"</ofd:Layer>", b'<ofd:ImageObject ID="9" Boundary="10 20 30 40" ResourceID="7"/></ofd:Layer>'
    )
    parts["Doc_0/DocumentRes.xml"] = (
        b'<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="7" '
        b'Type="Image"><ofd:MediaFile>a.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>'
    )
    parts["Doc_0/Res/a.png"] = picture("PNG")
    page = see("统计表.ofd", documents.zipped(parts))
    assert '<text x="25" y="31" font-size="6"' in page
    assert ">统计表</text>" in page
    assert '<image x="10" y="20" width="30" height="40"' in page
    assert [drawn.size for drawn in pictures(page)] == [(40, 20)]


@pytest.mark.parametrize("name", ["报告.doc", "报告.wps", "汇报.ppt"])
def test_what_cannot_be_shown_is_said_politely(see, name):
    assert REFUSED in see(name, documents.PDF)


# --- Files that are meant to hurt -------------------------------------------------------------------


def scripted_pdf():
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    writer.add_annotation(0, Link(rect=(0, 0, 300, 300), url="https://example.org/javascript:alert(1)"))
    writer.add_attachment("程序.exe", documents.EXE)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def test_what_a_pdf_would_run_stays_behind(see):
    page = see("带脚本.pdf", scripted_pdf())
    assert [drawn.size for drawn in pictures(page)] == [(900, 900)]
    assert "example.org" not in page
    assert "app.alert" not in page


def huge_page():
    writer = PdfWriter()
    writer.add_blank_page(14_000, 1)
    writer.add_blank_page(1, 14_000)
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def test_a_page_of_odd_measures_is_drawn_within_bounds(see):
    [drawn] = pictures(see("长条.pdf", huge_page(), page=2))
    assert drawn.width * drawn.height <= 6_100_000


ENTITIES = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><d>&a;&b;</d>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("伪装.png", documents.SVG),
        ("伪装.jpg", documents.HTML),
        ("伪装.pdf", documents.HTML),
        ("截断.pdf", documents.PDF[:60]),
        ("展开.png", lambda: picture("PNG", (15_000, 15_000), "1")),
        ("实体.docx", documents.zipped({"word/document.xml": ENTITIES})),
        ("实体.ofd", documents.ofd(ENTITIES)),
        ("展开.docx", lambda: documents.zipped({"word/document.xml": "<a>" + "<b>x</b>" * 5_000_000})),
        ("程序.xls", documents.EXE),
        ("空.pptx", documents.zipped({"ppt/presentation.xml": "<x/>"})),
    ],
    ids=["svg", "html", "html-pdf", "cut", "picture", "entities", "ofd-entities", "bomb", "exe", "empty"],
)
def test_hostile_files_end_in_a_sentence(see, name, content):
    page = see(name, content() if callable(content) else content)
    assert pictures(page) == []
    assert re.search("无法预览，请下载查看。", page)
    assert "alert" not in page
    assert "root:" not in page


def test_memory_and_time_of_the_process_are_limited(tmp_path, monkeypatch):
    """Each limit ends the process; what it was told to do else is done."""
    (tmp_path / "greedy.py").write_text(
        "import sys\nfrom workflow import confined\nconfined.limit(1)\n"
        "if sys.argv[1] == 'memory': bytearray(2 * 1024**3)\n"
        "if sys.argv[1] == 'time':\n    while True: pass\n"
        "if sys.argv[1] == 'write': open(sys.argv[2], 'wb', 0).write(b'x')\n"
        "print('{}')\n"
    )
    monkeypatch.setattr(confined, "_ROOT", tmp_path)
    (tmp_path / "workflow").mkdir()
    (tmp_path / "workflow" / "confined.py").write_text(Path(confined.__file__).read_text())
    assert confined.run("greedy", "nothing", content=b"", wall_seconds=60) == {}
    for greed in ("memory", "time", "write"):
        with pytest.raises(confined.TooMuch):
            confined.run("greedy", greed, str(tmp_path / "written"), content=b"", wall_seconds=60)


def test_when_many_look_at_once_the_next_is_asked_to_wait(see, monkeypatch):
    monkeypatch.setattr(reader, "PATIENCE", 0)
    monkeypatch.setattr(reader, "_turns", type(reader._turns)(1))
    reader._turns.acquire()
    assert reader.BUSY in see("材料.pdf", documents.PDF)


# --- Who sees them ----------------------------------------------------------------------------------


def statuses(client, cast, attachment, people):
    found = {}
    for who in people:
        client.force_login(getattr(cast, who))
        answers = {
            name: client.get(reverse(f"workflow:{name}", args=[attachment.pk])) for name in ("preview", "download")
        }
        if answers["download"].streaming:
            answers["download"].getvalue()  # reads and closes the file
        found[who] = {name: answer.status_code for name, answer in answers.items()}
    return found


@pytest.fixture
def nothing_drawn(monkeypatch):
    """Who may look is told without looking."""
    monkeypatch.setattr(reader, "look", lambda stored, page, width: {"problem": REFUSED})


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.CONFIRMED])
def test_a_file_is_shown_to_whom_it_is_given(client, cast, draft, nothing_drawn, state):
    attachment = AttachmentFactory(record=draft, file=ContentFile(documents.PDF, "x.pdf"))
    cast.bring(draft, state)
    settled = 200 if state == State.CONFIRMED else 404
    seen = statuses(
        client, cast, attachment, ["clerk", "reviewer", "office", "partner", "stranger", "admin", "auditor"]
    )
    assert {who: answers["preview"] for who, answers in seen.items()} == {
        "clerk": 200, "reviewer": 200, "office": 200, "partner": settled, "stranger": 404, "admin": 404, "auditor": 404,
    }  # fmt: skip
    assert all(answers["preview"] == answers["download"] for answers in seen.values())


def test_a_file_of_a_partner_is_shown_to_it_and_once_given_to_who_sees_history(client, cast, nothing_drawn, written):
    asked = written.contributions.create(department=cast.partner.department, due_on="2026-07-20", asked_by=cast.clerk)
    file = asked.files.create(
        name="清单.pdf", file=ContentFile(documents.PDF, "x.pdf"), size=1, digest="0", uploader=cast.partner
    )
    address = reverse("workflow:contribution_preview", args=[asked.pk, file.pk])

    def seen():
        found = {}
        for who in ("partner", "clerk", "office", "stranger"):
            client.force_login(getattr(cast, who))
            found[who] = client.get(address).status_code
        return found

    assert seen() == {"partner": 200, "clerk": 404, "office": 404, "stranger": 404}
    asked.given_at = asked.asked_at
    asked.save()
    assert seen() == {"partner": 200, "clerk": 200, "office": 200, "stranger": 404}


def test_a_removed_file_is_shown_if_it_was_submitted_once(client, cast, draft, nothing_drawn):
    shown = AttachmentFactory(record=draft, file=ContentFile(documents.PDF, "x.pdf"))
    returned = cast.bring(draft, State.REJECTED)
    never = AttachmentFactory(record=draft, file=ContentFile(documents.PDF, "x.pdf"))
    files.remove_file(returned, cast.clerk, shown.pk)
    files.remove_file(returned, cast.clerk, never.pk)
    assert statuses(client, cast, shown, ["reviewer"]) == {"reviewer": {"preview": 200, "download": 200}}
    assert statuses(client, cast, never, ["reviewer"]) == {"reviewer": {"preview": 404, "download": 404}}


def test_a_file_that_is_gone_from_the_disk_is_said_to_be(client, cast, draft):
    attachment = AttachmentFactory(record=draft, file=ContentFile(documents.PDF, "x.pdf"))
    attachment.file.storage.delete(attachment.file.name)
    client.force_login(cast.clerk)
    answer = client.get(reverse("workflow:preview", args=[attachment.pk]))
    assert answer.status_code == 404
    assert "服务器上没有找到这个文件" in answer.content.decode()


def test_a_watermark_names_who_looks_and_when_if_the_office_wants_it(see, settings, monkeypatch):
    monkeypatch.setattr(reader, "look", lambda stored, page, width: {"problem": REFUSED})
    assert "watermark" not in see("材料.pdf", documents.PDF)
    settings.PREVIEW_WATERMARK = True
    assert "<span>审核甲 2026-07-15 09:00</span>" in see("材料.pdf", documents.PDF, who="reviewer")


# --- On the page of the record ----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_cards_cost_the_page_nothing(client, cast, submitted, django_assert_num_queries, count):
    for number in range(count):
        AttachmentFactory(record=submitted, name=f"佐证{number}.pdf")
    client.force_login(cast.clerk)
    address = reverse("workflow:record", args=[submitted.pk])
    client.get(address)
    with django_assert_num_queries(22):
        page = client.get(address).content.decode()
    assert page.count("data-preview ") == page.count("?view=thumbnail") == count
    assert f"{count} 个文件" in page


def test_what_cannot_be_shown_has_a_card_and_a_download(client, cast, draft):
    attachment = AttachmentFactory(record=draft, name="旧报告.doc")
    client.force_login(cast.reviewer)
    page = client.get(reverse("workflow:record", args=[draft.pk])).content.decode()
    assert "<iframe src" not in page
    assert "无法预览，请下载查看" in page
    assert reverse("workflow:download", args=[attachment.pk]) in page
