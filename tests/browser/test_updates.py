"""In a real browser: figures that follow what is typed, plans added to an application, tabs of the plan's update."""

import re
from decimal import Decimal

import pytest
from django.db import transaction
from playwright.sync_api import expect

from reform.models import MeasureIteration, PromotionUpdate, TargetUpdate
from tests import factories
from tests.browser import on_a_phone, paste
from tests.documents import PDF
from tests.factories import PASSWORD
from workflow.actions import discard
from workflow.states import State

pytestmark = pytest.mark.full


@pytest.fixture
def clerk(page, cast):
    """The page of a clerk whose map has been issued."""
    cast.issued_map()
    page.goto("/login/")
    page.get_by_label("账号").fill(cast.clerk.phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def test_a_lag_is_told_while_typing_and_the_draft_saves_itself(clerk, cast):
    clerk.goto("/kinds/targetupdate/")
    clerk.get_by_role("link", name="更新 数字经济改革 2026年2月").click()
    row = clerk.get_by_role("row", name="新增试点企业")
    value = row.get_by_label("当月进度值")
    value.fill("１５．９９９９")
    expect(row.locator("[data-lag]")).to_have_text("累计进度 15.9999，不足累计目标值 20 的 80%，须在备注中说明原因")
    value.fill("16")
    expect(row.locator("[data-lag]")).to_have_text("")
    expect(row.locator("[data-cumulative]")).to_have_text("16")
    value.fill("十六")
    expect(row.locator("[data-cumulative]")).to_have_text("")
    value.fill("16.5")
    expect(clerk.locator("#saved")).to_contain_text("自动保存", timeout=15_000)
    assert TargetUpdate.objects.get().values.first().value == Decimal("16.5")


def test_a_pasted_column_gives_one_value_to_each_indicator(clerk, cast):
    with transaction.atomic():
        update = factories.target_update(cast.issued_map(), cast.clerk)
    clerk.goto(f"/records/{update.pk}/edit/")
    values = clerk.get_by_label("当月进度值")
    number = values.count()
    paste(values.first, "\n".join(["42", "15", "8"][:number]) + "\r\n")
    assert [field.input_value() for field in values.all()] == ["42", "15", "8"][:number]
    paste(values.last, "1\n2\n")
    expect(clerk.get_by_text("粘贴的内容有 2 行，从这一格起只有 1 行，没有填入")).to_be_visible()
    assert values.last.input_value() == ["42", "15", "8"][number - 1]


def test_a_remark_with_line_breaks_stays_one_cell_of_what_is_pasted(clerk, cast):
    with transaction.atomic():
        update = factories.target_update(cast.issued_map(), cast.clerk)
    clerk.goto(f"/records/{update.pk}/edit/")
    values, remarks = clerk.get_by_label("当月进度值"), clerk.get_by_label("备注")
    paste(values.first, '1,200\t"一是完成立项。\n二是印发""三张清单""。"\r\n15\t“双盲”\r\n')
    assert [field.input_value() for field in values.all()] == ["1,200", "15"]
    assert [field.input_value() for field in remarks.all()] == ['一是完成立项。\n二是印发"三张清单"。', "“双盲”"]


def test_a_pasted_block_is_taken_back_at_once(clerk, cast):
    with transaction.atomic():
        update = factories.target_update(cast.issued_map(), cast.clerk)
    clerk.goto(f"/records/{update.pk}/edit/")
    values = clerk.get_by_label("当月进度值")
    for field, text in zip(values.all(), ("7", "8"), strict=True):
        field.fill(text)
    paste(values.first, "42\r\n15\r\n")
    values.last.press("Control+z")
    assert [field.input_value() for field in values.all()] == ["7", "8"]
    paste(values.first, "42\r\n15\r\n")
    values.last.fill("16")
    values.last.press("Control+z")  # first what was typed since
    assert [field.input_value() for field in values.all()] == ["42", "15"]


@on_a_phone
def test_an_application_is_filled_in_on_a_phone(clerk, cast):
    drawn = cast.issued_map()
    clerk.goto(f"/maps/{drawn.pk}/iterations/")
    clerk.get_by_role("link", name="新增", exact=True).click()
    clerk.get_by_label("具体举措").fill("新的举措")
    expect(clerk.locator(".counter").first).to_have_text("4/300")
    clerk.get_by_label("迭代依据").fill("会议要求")
    clerk.get_by_role("button", name="月度计划录入").click()
    for number, month in enumerate(["8", "12"]):
        clerk.get_by_label("计划月度").nth(number).select_option(month)
        clerk.get_by_label("计划类型").nth(number).select_option("pilot")
        clerk.get_by_label("计划内容").nth(number).fill(f"{month}月的工作")
    clerk.get_by_role("button", name="保存并上报").click()
    clerk.wait_for_url(lambda url: url.rstrip("/")[-1].isdigit() and "/records/" in url)
    added = MeasureIteration.objects.get()
    assert added.state == State.SUBMITTED
    assert [change.month for change in added.changes.all()] == [8, 12]
    assert clerk.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_plans_update_opens_at_what_is_to_be_filled_in(clerk, cast):
    plan = factories.open_plan(cast.issued_map())
    clerk.goto(f"/plans/{plan.pk}/")
    clerk.get_by_role("main").get_by_role("link", name="状态更新", exact=True).click()
    expect(clerk.get_by_label("已开展工作")).to_be_visible()
    clerk.get_by_role("link", name="重大改革项目基础信息").click()
    expect(clerk.get_by_label("已开展工作")).to_be_hidden()
    expect(clerk.get_by_text("王市长")).to_be_visible()
    clerk.get_by_role("button", name="保存并上报").click()
    clerk.get_by_role("link", name="请填写已开展工作。").click()
    expect(clerk.get_by_label("已开展工作")).to_be_focused()


def test_a_new_page_becomes_the_page_of_the_record_that_it_begins(clerk, cast):
    clerk.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    expect(clerk.get_by_text("删除草稿")).to_be_hidden()
    clerk.get_by_label("具体情况简介").fill("召开发布会")
    expect(clerk.locator("#saved")).to_contain_text("自动保存", timeout=15_000)
    begun = PromotionUpdate.objects.get()
    assert clerk.url.endswith(f"/records/{begun.pk}/edit/")
    clerk.get_by_label("具体情况简介").fill("召开新闻发布会")
    clerk.get_by_role("button", name="保存为草稿").last.click()
    expect(clerk.get_by_text("草稿已保存。")).to_be_visible()
    assert PromotionUpdate.objects.get().summary == "召开新闻发布会"


def test_evidence_begins_the_draft_and_what_is_typed_after_it_is_kept(clerk, cast):
    clerk.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    clerk.get_by_label("本材料不涉密").check()
    clerk.get_by_label("选择文件").set_input_files({"name": "佐证.pdf", "mimeType": "", "buffer": PDF})
    expect(clerk.get_by_role("link", name="佐证.pdf")).to_be_visible()
    begun = PromotionUpdate.objects.get()
    assert begun.attachments.count() == 1
    clerk.get_by_label("具体情况简介").fill("召开发布会")
    clerk.get_by_text("删除草稿").click()
    expect(clerk.get_by_role("button", name="确认删除")).to_be_visible()
    clerk.get_by_role("button", name="保存为草稿").last.click()
    expect(clerk.get_by_text("草稿已保存。")).to_be_visible()
    assert PromotionUpdate.objects.get().summary == "召开发布会"


def test_looking_and_leaving_leaves_nothing(clerk, cast):
    clerk.goto("/kinds/promotionupdate/")
    clerk.get_by_role("link", name="经验复制推广更新 数字经济改革").click()
    expect(clerk.get_by_label("具体情况简介")).to_be_visible()
    clerk.goto("/")
    expect(clerk.get_by_text("没有草稿。")).to_be_visible()
    assert not PromotionUpdate.objects.exists()


def place(locator):
    """How far down the page it stands, wherever the page is scrolled to."""
    return locator.evaluate("field => field.getBoundingClientRect().top + scrollY")


def test_complaints_never_move_the_field_that_one_types_in(clerk, cast):
    clerk.goto(f"/kinds/brandupdate/new/{cast.project.pk}/")
    clerk.get_by_label("具体情形").fill("先写一句")
    expect(clerk.locator("#saved")).to_contain_text("，上报前还需填写 5 处", timeout=15_000)
    expect(clerk.locator("#problems")).to_have_count(0)  # nobody has asked for 上报 yet
    clerk.get_by_role("button", name="保存并上报").last.click()
    expect(clerk.get_by_role("heading", name="上报前还需修改 5 处：")).to_be_visible()
    last = clerk.get_by_label("获肯定或报道详情")
    last.focus()
    before = place(last)
    with clerk.expect_response(lambda response: response.request.method == "POST"):
        clerk.get_by_label("获全国性肯定评价").check()
        clerk.get_by_label("解决问题、主要举措及取得实效").fill("破解协同不够问题。")
        last.fill("国家部委简报刊发。")
    expect(clerk.get_by_role("heading", name="上报前还需修改 2 处：")).to_be_visible()
    expect(clerk.get_by_text("请选择获肯定方式。").locator("visible=true")).to_have_count(0)
    assert place(last) == before


def test_evidence_refreshes_the_list_of_problems(clerk, cast):
    clerk.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    clerk.get_by_label("召开新闻发布会").check()
    clerk.get_by_label("推广日期").fill("2026-06-29")
    clerk.get_by_label("具体情况简介").fill("召开发布会")
    clerk.get_by_role("button", name="保存并上报").last.click()
    evidence = clerk.locator("#problems").get_by_text("请上传佐证材料；")
    expect(evidence).to_be_visible()
    clerk.get_by_label("本材料不涉密").check()
    clerk.get_by_label("选择文件").set_input_files({"name": "佐证.pdf", "mimeType": "", "buffer": PDF})
    expect(clerk.get_by_text("上报前需要修改的内容都已改好。")).to_be_visible()
    clerk.get_by_role("button", name="移除 佐证.pdf").click()
    expect(evidence).to_be_visible()


def test_typing_without_a_pause_is_saved_while_it_goes_on(clerk, cast):
    clerk.goto(f"/kinds/promotionupdate/new/{cast.project.pk}/")
    text = "不停地写" * 6
    with clerk.expect_request(lambda request: request.method == "POST") as sent:
        clerk.get_by_label("具体情况简介").press_sequentially(text, delay=300)
    [kept] = re.findall(r'name="summary"\r\n\r\n(.*?)\r\n', sent.value.post_data)
    assert text.startswith(kept)
    assert 0 < len(kept) < len(text)


def test_an_upload_to_a_discarded_draft_says_so(clerk, cast):
    draft = factories.promotion(cast.project, cast.clerk)
    clerk.goto(f"/records/{draft.pk}/edit/")
    with transaction.atomic():
        discard(draft.pk, cast.clerk2, draft.version)
    clerk.get_by_label("本材料不涉密").check()
    clerk.get_by_label("选择文件").set_input_files({"name": "佐证.pdf", "mimeType": "", "buffer": PDF})
    expect(clerk.get_by_text("这条记录已不存在，可能刚刚被删除。")).to_be_visible()
