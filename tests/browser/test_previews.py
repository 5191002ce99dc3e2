"""Evidence looked at where it stands: with the mouse, with the keyboard, and without scripts."""

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from playwright.sync_api import expect
from pypdf import PdfWriter

from tests import factories
from tests.browser import sign_in
from workflow.states import State

pytestmark = pytest.mark.full

AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture
@transaction.atomic
def record(cast, tmp_path):
    """A record that waits for its department, with three pages of PDF."""
    cast.issued_map()
    record = factories.promotion(cast.project, cast.clerk)
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(300, 300)
    writer.write(tmp_path / "pages.pdf")
    content = ContentFile((tmp_path / "pages.pdf").read_bytes(), "pages.pdf")
    factories.AttachmentFactory(record=record, name="派驻通知.pdf", file=content)
    return cast.bring(record, State.SUBMITTED)


def test_a_file_is_opened_turned_and_closed_by_keyboard(page, cast, record):
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{record.pk}/")
    expect(page.frame_locator(".evidence iframe").get_by_text("第 1 页 / 共 3 页")).to_be_visible()
    look = page.get_by_role("link", name="预览 派驻通知.pdf")
    look.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="派驻通知.pdf")
    inside = box.frame_locator("iframe")
    expect(inside.get_by_text("第 1 页 / 共 3 页")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(inside.get_by_text("第 2 页 / 共 3 页")).to_be_visible()
    inside.get_by_role("link", name="200%").click()
    expect(inside.get_by_role("img")).to_have_attribute("width", "1800")
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(look).to_be_focused()


def test_without_scripts_it_is_a_page_of_its_own(new_context, cast, record):
    page = new_context(java_script_enabled=False).new_page()
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{record.pk}/")
    page.get_by_role("link", name="预览 派驻通知.pdf").click()
    expect(page.get_by_role("heading", name="派驻通知.pdf")).to_be_visible()
    page.get_by_role("link", name="下一页").click()
    expect(page.get_by_text("第 2 页 / 共 3 页")).to_be_visible()
    page.get_by_role("link", name="返回").click()
    page.wait_for_url(f"**/records/{record.pk}/")


def test_what_is_shown_has_no_fault(page, new_context, cast, record):
    """Scripts do not run in the sandbox, so what it holds is tried outside."""
    sign_in(page, cast.reviewer)
    shown = page.request.get(f"/files/{record.attachments.get().pk}/preview/").text()
    outside = new_context(bypass_csp=True).new_page()
    outside.set_content(shown)
    outside.add_script_tag(path=AXE)
    assert outside.evaluate("axe.run().then(({ violations }) => violations.map(fault => fault.id))") == []
