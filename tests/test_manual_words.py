"""The words that the users' manual puts in quotes, and the fields that it numbers: each is a label where it says so."""

import re
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from reform.models import BrandUpdate, MonthlyPlan, PlanUpdate, PromotionUpdate, TargetUpdate
from tests import factories
from workflow.states import State

LABELS = {"a", "button", "summary", "label", "legend", "option", "h1", "h2", "h3", "th", "dt"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNSEEN = {"script", "style", "template", "head"}


class Labels(HTMLParser):
    """What the labels of a page say: of links, buttons, fields, choices, headings and parts; not what nobody sees."""

    def __init__(self, page):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        attrs = dict(attrs)
        names = (attrs.get("class") or "").split()
        is_seen = not (tag in UNSEEN or "hidden" in attrs or "visually-hidden" in names)
        is_label = tag in LABELS or {"part-name", "nav-label"} & set(names)
        self.open.append((tag, is_seen, [] if is_label else None))

    def handle_data(self, data):
        if all(is_seen for _, is_seen, _ in self.open):
            for _, _, text in self.open:
                if text is not None:
                    text.append(data)

    def handle_endtag(self, tag):
        while self.open:
            name, _, text = self.open.pop()
            if text:
                self.texts.append(re.sub(r"\s+", " ", "".join(text)).strip(" *：:"))
            if name == tag:
                return


PLAN_TYPES = (
    "组建工作专班 开展调查研究 向上争取支持 制定改革方案 开展试点示范 出台配套政策 搭建重要平台 上线重大应用 "
    "开展督导指导 开展成效评估 总结推广经验 其他"
).split()
WAYS_OF_PROMOTION = (
    "组织媒体宣传报道 召开新闻发布会 召开现场观摩会 召开总结推广会 向中央和国家有关部委报送典型经验 "
    "印发改革典型案例推广"
).split()
SAVING = ["保存为草稿", "保存并上报"]

WORDS = {  # who, on which page: what it says
    ("clerk", "home"): [
        "重大改革项目",
        "绘制项目作战图",
        "量化目标推进更新",
        "月度计划推进更新",
        "经验复制推广推进更新",
        "品牌显示度推进更新",
        "措施迭代申请",
    ],
    ("clerk", "maps"): ["更新"],
    ("clerk", "map form"): [
        "核心指标",
        "目标值录入",
        "具体举措",
        "月度推进计划",
        "计划月度",
        "计划类型",
        "计划内容",
        *PLAN_TYPES,
        *SAVING,
    ],
    ("clerk", "targets"): ["更新"],
    ("clerk", "target form"): SAVING,
    ("clerk", "plans"): ["月度计划本次状态更新"],
    ("clerk", "plan"): [
        "重大改革项目基础信息",
        "月度计划历史状态更新",
        "月度计划本次更新详情",
        "状态更新",
    ],
    ("clerk", "plan form"): ["已完成", "已开展工作", "存在问题", "下一步工作计划", "上传附件", *SAVING],
    ("clerk", "promotions"): ["经验复制推广更新"],
    ("clerk", "promotion form"): ["推广方式", *WAYS_OF_PROMOTION, "推广日期", "具体情况简介", "上传附件", *SAVING],
    ("clerk", "brands"): ["品牌显示度推进更新"],
    ("clerk", "brand form"): [
        "品牌创建日期",
        "获肯定方式",
        "获全国性肯定评价",
        "被5家中央级媒体深度报道",
        "具体情形",
        "解决问题、主要举措及取得实效",
        "获肯定或报道详情",
        "上传附件",
        *SAVING,
    ],
    ("clerk", "iterations"): ["新增举措", "更新迭代", "新增", "编辑举措"],
    ("clerk", "new measure form"): [
        "具体举措",
        "迭代依据",
        "月度计划录入",
        "计划年度",
        "计划类型",
        "计划内容",
        *SAVING,
    ],
    ("clerk", "submitted"): ["撤回"],
    ("clerk", "submitted record"): ["撤回"],
    ("reviewer", "submitted record"): ["通过", "驳回", "驳回原因", "详细描述"],
    ("office", "approved record"): ["确认", "退回完善", "驳回", "驳回原因", "详细描述"],
    ("office", "issuable"): ["下发"],
}


@pytest.fixture
def pages(cast):
    """{name of a page: its address}, with something to do on each."""
    drawn = cast.issued_map()
    draft = factories.battle_map(factories.ProjectFactory(department=cast.planning), cast.clerk)
    cast.bring(factories.battle_map(factories.ProjectFactory(department=cast.planning), cast.clerk), State.CONFIRMED)
    plan = MonthlyPlan.objects.filter(measure__battle_map=drawn).first()
    submitted, approved = (
        cast.bring(factories.promotion(cast.project, cast.clerk), state)
        for state in (State.SUBMITTED, State.DEPT_APPROVED)
    )

    def form(record):
        return reverse("editing:edit", args=[record.pk])

    kinds = {
        "maps": "battlemap",
        "targets": "targetupdate",
        "plans": "planupdate",
        "promotions": "promotionupdate",
        "brands": "brandupdate",
    }
    return {name: reverse("reform:kind", args=[kind]) for name, kind in kinds.items()} | {
        "home": reverse("home"),
        "map form": form(draft),
        "target form": form(cast.make(TargetUpdate)),
        "plan": reverse("reform:plan", args=[plan.pk]),
        "plan form": form(cast.make(PlanUpdate)),
        "promotion form": form(cast.make(PromotionUpdate)),
        "brand form": form(cast.make(BrandUpdate)),
        "iterations": reverse("reform:iterations", args=[drawn.pk]),
        "new measure form": form(factories.new_measure(drawn, cast.clerk)),
        "submitted": reverse("workflow:submitted"),
        "submitted record": reverse("workflow:record", args=[submitted.pk]),
        "approved record": reverse("workflow:record", args=[approved.pk]),
        "issuable": reverse("workflow:issuable"),
    }


def test_the_manuals_words_are_labels_where_it_says_so(client, cast, pages):
    missing = {}
    for (who, page), words in WORDS.items():
        client.force_login(getattr(cast, who))
        answer = client.get(pages[page])
        assert answer.status_code == 200
        texts = Labels(answer.content.decode()).texts
        if absent := [word for word in words if word not in texts]:
            missing[who, page] = absent
    assert missing == {}
