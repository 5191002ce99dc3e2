"""The office and a bulletin, from the draft to what was issued, with LibreOffice as the word processor."""

import shutil
import subprocess
from io import BytesIO

import pytest
from django.db import transaction
from docx import Document
from playwright.sync_api import expect
from pypdf import PdfReader

from reform.models import Bulletin, PromotionUpdate
from tests import word
from tests.browser import sign_in
from tests.cast import enter
from workflow.states import State

pytestmark = pytest.mark.full

SENTENCE = "以上情况，请认真研究，抓好落实。"


@pytest.fixture
def cast(transactional_db):
    with transaction.atomic():
        cast = enter()
        cast.issued_map()
        cast.bring(cast.make(PromotionUpdate), State.CONFIRMED)
    return cast


def opened(folder, name):
    """What LibreOffice makes of the document, as the text of its pages."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice on this machine")
    subprocess.run(
        [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf", name],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=300,
    )
    pages = PdfReader(BytesIO((folder / name).with_suffix(".pdf").read_bytes())).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def test_from_a_draft_to_what_was_issued(page, cast, tmp_path):
    sign_in(page, cast.office)
    page.goto("/bulletins/")
    page.locator(".page-actions").get_by_role("link", name="生成草稿").click()
    page.get_by_role("button", name="生成草稿").click()
    expect(page.get_by_text("期草稿，请核对后下载 Word。")).to_be_visible()
    page.locator(".paper-section a").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()  # the rows behind a figure
    page.go_back()

    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").click()
    download.value.save_as(tmp_path / "draft.docx")
    content = (tmp_path / "draft.docx").read_bytes()
    said = opened(tmp_path, "draft.docx")
    assert [text for text in word.paragraphs(content) if "".join(text.split()) not in said] == []

    edited = Document(str(tmp_path / "draft.docx"))
    edited.add_paragraph(SENTENCE)
    edited.save(str(tmp_path / "issued.docx"))
    page.get_by_label("印发的正式文件（docx 或 pdf）").set_input_files(tmp_path / "issued.docx")
    page.get_by_label("本材料不涉密").check()
    page.get_by_role("button", name="印发", exact=True).click()
    expect(page.get_by_text("已印发，有关单位可以下载。")).to_be_visible()
    assert Bulletin.objects.get().file.name == "issued.docx"

    sign_in(page, cast.clerk)
    page.goto("/bulletins/")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    download.value.save_as(tmp_path / "received.docx")
    assert SENTENCE in opened(tmp_path, "received.docx")
