"""A problem of an update becomes a matter of the office: raised, taken, urged by letter, reported and closed."""

import shutil
import subprocess
from datetime import timedelta

import pytest
from django.db import transaction
from playwright.sync_api import expect

from accounts import clock
from reform.models import SupervisionMatter, SupervisionReport
from tests import factories
from tests.browser import sign_in
from workflow.states import State

pytestmark = pytest.mark.full

PROBLEM = "数据接口标准尚未统一。"


@pytest.fixture
@transaction.atomic
def update(cast):
    """A confirmed update with a problem."""
    made = factories.plan_update(factories.open_plan(cast.issued_map()), cast.clerk)
    made.difficulties = PROBLEM
    made.save()
    return cast.bring(made, State.CONFIRMED)


def text_of(letter, directory):
    """What LibreOffice makes of a Word document, as the text of its PDF."""
    command = ["soffice", f"-env:UserInstallation=file://{directory}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "--outdir", directory, letter], check=True, timeout=120, capture_output=True)
    read = subprocess.run(["pdftotext", letter.with_suffix(".pdf"), "-"], check=True, timeout=60, capture_output=True)
    return "".join(read.stdout.decode().split())  # it parts figures from what stands around them


@pytest.mark.skipif(not (shutil.which("soffice") and shutil.which("pdftotext")), reason="LibreOffice is not installed")
def test_a_problem_is_raised_taken_urged_by_letter_reported_and_closed(page, cast, update, tmp_path):
    sign_in(page, cast.clerk)
    page.goto(f"/records/{update.pk}/")
    page.get_by_role("button", name="提请协调").click()
    expect(page.get_by_text("已提请协调，市委改革办会列为督办事项或者答复。")).to_be_visible()

    sign_in(page, cast.office)
    page.goto("/supervision/requests/")
    page.get_by_role("link", name=PROBLEM).click()
    page.locator("summary", has_text="列为督办事项").click()
    page.get_by_label("办理时限").fill(f"{clock.today():%Y-%m-%d}")
    page.get_by_role("button", name="列为督办事项").click()
    expect(page.get_by_text("已列为督办事项：")).to_be_visible()

    # Two days later.
    matter = SupervisionMatter.objects.get()
    SupervisionMatter.objects.update(due_on=clock.today() - timedelta(days=2))
    page.goto(matter.get_absolute_url())
    expect(page.get_by_text("建议提示")).to_be_visible()
    page.get_by_role("link", name="起草提示函").click()
    page.get_by_label("反馈时限").fill(f"{clock.today() + timedelta(days=5):%Y-%m-%d}")
    page.get_by_label("签发人").fill("张主任")
    page.get_by_role("button", name="发出提示函").click()
    number = f"改办提〔{clock.today().year}〕第1号"
    expect(page.get_by_text(f"已发出提示函：{number}。")).to_be_visible()

    sign_in(page, cast.clerk)
    page.goto("/supervision/letters/")
    with page.expect_download() as download:
        page.get_by_role("link", name=number).click()
    letter = tmp_path / "letter.docx"
    download.value.save_as(letter)
    said = text_of(letter, tmp_path)
    assert [words for words in (number, "市发展改革委", PROBLEM, "张主任") if words not in said] == []

    page.goto(matter.get_absolute_url())
    page.get_by_role("link", name="填写办理反馈").click()
    page.get_by_label("正在办理").check()
    page.get_by_label("办理情况").fill("已会同市大数据局统一接口标准。")
    page.get_by_label("下一步打算").fill("完成各部门改造。")
    page.get_by_role("button", name="保存并上报").click()
    expect(page.get_by_text("待部门审核").first).to_be_visible()
    for person, button, stands in ((cast.reviewer, "通过", "dept_approved"), (cast.office, "确认", "confirmed")):
        sign_in(page, person)
        page.goto("/inbox/")
        page.get_by_role("link", name=PROBLEM[:8]).first.click()
        with page.expect_navigation():
            page.get_by_role("button", name=button, exact=True).click()
        assert SupervisionReport.objects.get().state == stands

    page.goto(matter.get_absolute_url())
    page.locator("summary", has_text="办结").click()
    page.get_by_label("意见").fill("同意办结。")
    page.get_by_role("button", name="办结", exact=True).click()
    expect(page.get_by_text("已办结").first).to_be_visible()
    matter.refresh_from_db()
    assert matter.closed_at
    page.goto(f"/records/{update.pk}/")
    expect(page.get_by_text("已办结").first).to_be_visible()
