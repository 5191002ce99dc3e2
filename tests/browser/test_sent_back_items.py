"""逐项退回 from the reviewer's tick to the resubmission."""

import re

import pytest
from django.db import transaction
from playwright.sync_api import expect

from reform.models import TargetUpdate
from tests.browser import sign_in
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
@transaction.atomic
def waiting(cast):
    return cast.bring(cast.make(TargetUpdate), State.SUBMITTED)


def box(page, column, indicator):
    return page.get_by_role("textbox", name=re.compile(f"{column}.*{indicator}"))


def test_one_indicator_is_sent_back_mended_and_looked_at_again(page, cast, waiting):
    first, second = (value.indicator.name for value in waiting.specific.lines()[:2])
    sign_in(page, cast.reviewer)
    page.goto(f"/records/{waiting.pk}/")
    page.get_by_label(f"退回{first}", exact=True).check()
    page.get_by_label(f"对{first}的要求").fill("应填当月新增值")
    page.locator("summary", has_text="驳回").click()
    expect(page.get_by_text("只退勾选的 1 项")).to_be_visible()
    page.get_by_label("驳回原因").select_option("数据有误")
    page.get_by_label("详细描述").fill("请核对。")
    page.get_by_role("button", name="驳回", exact=True).click()
    expect(page.get_by_text("已驳回，责任单位可以看到驳回原因。")).to_be_visible()

    sign_in(page, cast.clerk)
    page.goto(f"/records/{waiting.pk}/edit/")
    expect(page.get_by_text("退：应填当月新增值")).to_be_visible()
    expect(box(page, "当月进度值", second)).to_be_disabled()
    box(page, "当月进度值", first).fill("9.5")
    box(page, "备注", first).fill("已按新增值填报。")
    page.get_by_role("button", name="保存并上报").click()
    expect(page.get_by_text("已上报，等待市发展改革委审核人员审核。")).to_be_visible()

    sign_in(page, cast.reviewer)
    page.goto(f"/records/{waiting.pk}/")
    content = page.locator("[data-item]", has_text=first)
    expect(content.locator("ins", has_text="9.5").first).to_be_visible()
    expect(page.get_by_text(second)).to_have_count(0)
    page.get_by_role("link", name="查看整件").click()
    expect(page.get_by_text(second).first).to_be_visible()
