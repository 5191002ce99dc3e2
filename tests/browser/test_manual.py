"""The users' manual, followed word by word: from an empty project to an issued map and one update of each kind."""

import re

import pytest
from playwright.sync_api import expect

from reform.models import BattleMap, Measure, MonthlyPlan, MonthlyTarget, PlanStatus
from tests import documents, factories
from tests.browser import on_a_phone, sign_in
from workflow.models import Record
from workflow.states import State

PROJECT = "数字经济改革"


@pytest.fixture
def desk(new_context):
    """Where somebody sits signed in: `desk(person)` is their page, the same each time."""
    pages = {}

    def sit_down(person):
        if person.pk not in pages:
            pages[person.pk] = new_context().new_page()
            sign_in(pages[person.pk], person)
            pages[person.pk].goto("/")
        return pages[person.pk]

    return sit_down


def go(page, entry):
    """先点击左侧图标展开导航栏 → the entry of the navigation."""
    page.get_by_label("导航栏").get_by_role("link", name=entry).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(entry)


def part(page, name):
    page.get_by_label("本页各部分").get_by_role("link", name=name).click()


def submit(page):
    page.get_by_role("button", name="保存并上报").last.click()
    expect(page.get_by_text("已上报，等待")).to_be_visible()


def decide(page, choice, reason="", detail=""):
    """待我审核 → the first record → the decision."""
    go(page, "待我审核")
    page.locator("table a.row-link").first.click()
    place = page.locator("#decision")
    if reason:
        place = place.locator("details", has=page.locator("summary", has_text=choice))
        place.locator("summary").click()
        place.get_by_label("驳回原因").select_option(reason)
        place.get_by_label("详细描述").fill(detail)
    place.get_by_role("button", name=choice, exact=True).click()
    expect(page.locator(".notice-success")).to_be_visible()


def pass_both_levels(desk, cast):
    decide(desk(cast.reviewer), "通过")
    decide(desk(cast.office), "确认")


def draw(page):
    """4.1.2: the parts, filled in."""
    go(page, "绘制项目作战图")
    page.get_by_role("link", name="更新 数字经济改革").first.click()
    part(page, "基础信息")
    expect(page.get_by_role("region", name="基础信息")).to_contain_text("王市长")

    part(page, "核心指标")
    for number, name in enumerate(["数据要素交易规模", "出让标准地宗数"]):
        page.get_by_role("button", name="添加核心指标").click()
        card = page.locator(f"[data-rows=indicators] > [data-prefix='indicators-{number}']")
        card.get_by_label("核心指标名称").fill(name)
        card.get_by_label("计量单位").fill("个")

    part(page, "目标值录入")
    for number, annual in enumerate(["60", "400"]):
        card = page.locator(f"[data-groups=indicators] > [data-prefix='indicators-{number}']")
        card.get_by_label("年度目标值").fill(annual)
        card.get_by_role("button", name="按月平均分配").click()
        expect(card.locator(".month-sum")).to_contain_text(annual)

    part(page, "具体举措")
    for number in range(3):
        page.get_by_role("button", name="添加具体举措").click()
        page.locator(f"#id_measures-{number}-content").fill(f"第{number + 1}条举措：健全机制，明确分工。")

    part(page, "月度推进计划")
    for number in range(3):
        group = f"measures-{number}-plans"
        page.locator(f"button[name=add][value='{group}']").click()
        row = page.locator(f"[data-prefix='{group}-0']")
        row.get_by_label("计划月度").select_option("1")
        row.get_by_label("计划类型").select_option(label="组建工作专班")
        row.get_by_label("计划内容").fill("印发工作专班方案。")


def issue(page):
    go(page, "待下发")
    page.get_by_role("row", name=PROJECT).get_by_text("下发", exact=True).click()
    page.get_by_role("button", name="确认下发").click()
    expect(page.locator(".notice-success")).to_contain_text("下发")


def test_from_an_empty_project_to_an_issued_map(desk, cast):
    clerk = desk(cast.clerk)
    draw(clerk)
    clerk.get_by_role("button", name="保存为草稿").last.click()
    expect(clerk.get_by_text("草稿已保存。")).to_be_visible()
    submit(clerk)

    # 在上一级未审核通过之前，都可点击“撤回”，进行重新填报: on the record's page, and in 我上报的.
    clerk.get_by_role("button", name="撤回").click()
    expect(clerk.locator(".page-title")).to_contain_text("草稿")
    clerk.get_by_role("link", name="修改").click()
    submit(clerk)
    go(clerk, "我上报的")
    clerk.get_by_role("row", name=PROJECT).get_by_text("撤回", exact=True).click()
    clerk.get_by_role("button", name="确认撤回").click()
    expect(clerk.locator(".page-title")).to_contain_text("草稿")
    clerk.get_by_role("link", name="修改").click()
    submit(clerk)

    decide(desk(cast.reviewer), "驳回", "内容不完整", "请补充第三条举措的计划内容。")
    clerk.goto("/")
    expect(clerk.get_by_text("请补充第三条举措的计划内容。").first).to_be_visible()
    clerk.locator("#came-back").get_by_role("link", name="修改").click()
    part(clerk, "月度推进计划")
    clerk.locator("#id_measures-2-plans-0-content").fill("印发工作专班方案，建立月调度机制。")
    submit(clerk)

    reviewer = desk(cast.reviewer)
    go(reviewer, "待我审核")
    reviewer.locator("table a.row-link").first.click()
    expect(reviewer.locator("ins", has_text="建立月调度机制")).to_be_visible()  # marked in place
    pass_both_levels(desk, cast)
    issue(desk(cast.office))

    drawn = BattleMap.objects.get()
    assert (drawn.state, drawn.indicators.count(), drawn.measures.count()) == (State.ISSUED, 2, 3)
    assert sum(MonthlyTarget.objects.filter(indicator__name="数据要素交易规模").values_list("target", flat=True)) == 60

    # 下发后不可更改: the edit page leads away, and the map page shows it.
    clerk.goto(f"/records/{drawn.pk}/edit/")
    expect(clerk.get_by_text("不能修改")).to_be_visible()


def test_every_update_of_an_issued_map(desk, cast):
    drawn = cast.issued_map()
    clerk = desk(cast.clerk)

    go(clerk, "量化目标推进更新")
    clerk.get_by_role("link", name="更新 数字经济改革").first.click()
    for number in range(2):
        clerk.locator(f"#id_values-{number}-value").fill("３")  # full width, as the input method left it
        clerk.locator(f"#id_values-{number}-remark").fill("前期手续办理较慢，下月加快。")
    submit(clerk)
    pass_both_levels(desk, cast)
    assert list(MonthlyTarget.objects.exclude(actual=None).values_list("actual", flat=True)) == [3, 3]

    go(clerk, "月度计划推进更新")
    clerk.get_by_role("link", name="月度计划本次状态更新").first.click()
    clerk.get_by_role("main").get_by_role("link", name="状态更新", exact=True).click()
    part(clerk, "月度计划本次更新详情")
    clerk.get_by_text("已完成", exact=True).click()
    clerk.get_by_label("已开展工作").fill("1. 召开启动会；\n2. 印发方案。")
    clerk.get_by_role("button", name="保存并上报").last.click()
    expect(clerk.locator("#problems")).to_contain_text("请上传佐证材料")  # 务必上传佐证材料
    clerk.get_by_label("本材料不涉密").check()
    clerk.get_by_label("选择文件").set_input_files(
        {"name": "方案印发通知.pdf", "mimeType": "application/pdf", "buffer": documents.PDF}
    )
    expect(clerk.get_by_role("link", name="方案印发通知.pdf")).to_be_visible()
    submit(clerk)
    pass_both_levels(desk, cast)
    assert MonthlyPlan.objects.filter(status=PlanStatus.DONE).count() == 1

    for entry, button, fill in (
        ("经验复制推广推进更新", "经验复制推广更新", fill_promotion),
        ("品牌显示度推进更新", "品牌显示度推进更新", fill_brand),
    ):
        go(clerk, entry)
        clerk.get_by_role("main").get_by_role("link", name=button).first.click()
        fill(clerk)
        clerk.get_by_label("材料标题").fill("典型经验材料")
        clerk.get_by_label("报送日期").fill("2026-06-30")
        submit(clerk)
        pass_both_levels(desk, cast)

    kinds = {record.kind for record in Record.objects.settled()}
    assert {"reform.targetupdate", "reform.planupdate", "reform.promotionupdate", "reform.brandupdate"} < kinds
    assert drawn.measures.count() == 3


def fill_promotion(page):
    page.get_by_label("召开现场观摩会").check()
    page.get_by_label("推广日期").fill("2026-06-29")
    page.get_by_label("具体情况简介").fill("组织 12 个区县现场观摩。")


def fill_brand(page):
    page.get_by_label("品牌创建日期").fill("2026-06-29")
    page.get_by_label("获全国性肯定评价").check()
    page.get_by_label("具体情形").fill("全国会议作交流发言。")
    page.get_by_label("解决问题、主要举措及取得实效").fill("破解协同不够问题。")
    page.get_by_label("获肯定或报道详情").fill("国家部委简报刊发。")


def test_an_iteration_through_both_levels(desk, cast):
    drawn = cast.issued_map()
    clerk = desk(cast.clerk)

    go(clerk, "措施迭代申请")
    clerk.get_by_role("main").get_by_role("link", name="申请迭代").first.click()
    part(clerk, "新增举措")
    clerk.get_by_role("link", name="新增", exact=True).click()
    clerk.get_by_label("具体举措").fill("建立跨部门数据共享机制。")
    clerk.get_by_label("迭代依据").fill("市委深改委专题会议要求。")
    clerk.get_by_role("button", name="月度计划录入").click()
    row = clerk.locator("[data-prefix='plans-0']")
    row.get_by_label("计划月度").select_option("12")
    row.get_by_label("计划类型").select_option(label="搭建重要平台")
    row.get_by_label("计划内容").fill("完成平台初验。")
    submit(clerk)
    pass_both_levels(desk, cast)
    assert list(drawn.measures.values_list("content", flat=True))[-1] == "建立跨部门数据共享机制。"

    go(clerk, "措施迭代申请")
    clerk.get_by_role("main").get_by_role("link", name="申请迭代").first.click()
    part(clerk, "更新迭代")
    clerk.get_by_role("link", name="编辑举措").first.click()
    clerk.get_by_label("具体举措").fill("第1条举措（完善后）。")
    clerk.get_by_label("迭代依据").fill("国家出台新的指导意见。")
    submit(clerk)
    pass_both_levels(desk, cast)
    assert Measure.objects.filter(battle_map=drawn).first().content == "第1条举措（完善后）。"
    clerk.goto(f"/projects/{cast.project.pk}/")
    expect(clerk.get_by_text("已迭代 1 次").first).to_be_visible()


@on_a_phone
def test_a_month_is_reported_on_a_phone(page, cast):
    cast.issued_map()
    sign_in(page, cast.clerk)
    page.goto("/")
    page.get_by_role("button", name="展开导航栏").click()
    page.get_by_label("导航栏").get_by_role("link", name="量化目标推进更新").click()
    page.get_by_role("link", name="更新 数字经济改革").first.click()
    page.locator("#id_values-0-value").fill("三")
    page.get_by_role("button", name="保存为草稿").last.click()
    expect(page.locator("#id_values-0-value")).to_have_value("三")  # what was typed is still there
    expect(page.get_by_text("请填写数字，例如 3.5。").first).to_be_visible()
    for number in range(2):
        page.locator(f"#id_values-{number}-value").fill("120")
    submit(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


SCREEN = {"width": 1366, "height": 768}

IN_SIGHT = [  # where the manual clicks: the page as it opens → the words
    ("/kinds/battlemap/", ["更新"]),
    ("/kinds/targetupdate/", ["更新"]),
    ("/kinds/planupdate/", ["月度计划本次状态更新"]),
    ("/plans/{plan}/", ["月度计划本次更新详情", "状态更新"]),
    ("/kinds/promotionupdate/", ["经验复制推广更新"]),
    ("/kinds/brandupdate/", ["品牌显示度推进更新"]),
    ("/kinds/measureiteration/", ["申请迭代"]),
    ("/maps/{map}/iterations/", ["新增举措", "更新迭代"]),
    ("/records/{record}/edit/", ["核心指标", "具体举措", "月度推进计划", "保存为草稿", "保存并上报"]),
    ("/submitted/", ["撤回"]),
    ("/records/{submitted}/", ["撤回"]),
]

# Whether an element is within the window and covered by nothing, with nothing scrolled.
UNCOVERED = """element => {
    const box = element.getBoundingClientRect();
    const inside = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return inside && scrollY === 0 && element.contains(top);
}"""


@pytest.mark.browser_context_args(viewport=SCREEN)
def test_what_the_clerk_clicks_is_in_sight_as_pages_open(page, cast):
    drawn = cast.issued_map()
    submitted = cast.bring(factories.promotion(cast.project, cast.clerk), State.SUBMITTED)
    draft = factories.battle_map(factories.ProjectFactory(department=cast.planning), cast.clerk)
    keys = {
        "plan": MonthlyPlan.objects.filter(measure__battle_map=drawn).first().pk,
        "map": drawn.pk,
        "record": draft.pk,
        "submitted": submitted.pk,
    }
    sign_in(page, cast.clerk)
    hidden = []
    for address, words in IN_SIGHT:
        page.goto(address.format(**keys))
        for word in words:
            places = page.locator("main").locator("a, button, summary").filter(visible=True)
            found = places.filter(has_text=re.compile(rf"^\s*{word}")).or_(places.and_(page.get_by_label(word)))
            if not any(place.evaluate(UNCOVERED) for place in found.all()):
                hidden.append((address, word))
    assert hidden == []
