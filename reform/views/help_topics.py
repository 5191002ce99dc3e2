"""Which of the topics of 使用帮助 belong to a page. What they say stands in templates/reform/help.html alone."""

import re
from typing import NamedTuple

from django.conf import settings
from django.http import Http404
from django.template.loader import render_to_string
from django.urls import ResolverMatch, resolve

from accounts.locks import ACCOUNT_FAILURE_LIMIT
from accounts.models import Role
from reform.models import LightRule
from workflow.models import Record

# By the section and the heading under which they stand there.
KINDS = {
    "battlemap": "entry/绘制项目作战图 entry/作战图体检 entry/从上年作战图复制 entry/粘贴表格 entry/导入作战图"
    " entry/调整次序",
    "targetupdate": "entry/量化目标推进更新 entry/数据提示 entry/截止和迟报",
    "planupdate": "entry/月度计划推进更新 entry/请配合单位提供材料 entry/文字比对 entry/截止和迟报",
    "promotionupdate": "entry/经验复制推广、品牌显示度 entry/文字比对",
    "brandupdate": "entry/经验复制推广、品牌显示度 entry/文字比对",
    "measureiteration": "entry/措施迭代申请",
    "targetadjustment": "entry/目标调整申请",
    "extension": "entry/延期申请",
    "closure": "entry/销号申请",
    "supervisionreport": "entry/督办事项、办理反馈",
}
WRITING = "entry/附件 entry/涉密材料 account/草稿自动保存 entry/恢复 entry/驳回原因清单"
READING = "entry/预览附件 entry/撤回 entry/作废"
REVIEWING = {
    Role.DEPT_REVIEWER: "reviewer/审核 reviewer/逐件审核 reviewer/常用意见 reviewer/一并办理 reviewer/撤回",
    Role.OFFICE_REVIEWER: "office/审核 office/下发 reviewer/逐件审核 reviewer/常用意见 reviewer/一并办理",
}
ROLES = {
    Role.ENTRY: "entry/绘制项目作战图 entry/量化目标推进更新 entry/月度计划推进更新 entry/截止和迟报 entry/撤回",
    Role.DEPT_REVIEWER: REVIEWING[Role.DEPT_REVIEWER],
    Role.OFFICE_REVIEWER: "office/审核 office/下发 office/月末收官台 office/驾驶舱",
    Role.SYSTEM_ADMIN: "account/账号 account/三员分设 account/人员缺位 account/机构调整",
    Role.SECURITY_ADMIN: "account/三员分设 account/账号 account/登录锁定 account/人员缺位",
}
OTHERWISE = "account/本页帮助、入门引导 account/检索 account/账号 account/登录过期"
# By the beginning of the name of an address; the longest that fits counts.
PAGES = {
    "accounts:": "account/账号 account/动态口令 account/登录锁定 account/登录过期",
    "accounts:department": "account/机构调整 account/人员缺位 office/导入表格",
    "accounts:policies": "account/三员分设 account/动态口令 account/登录锁定 account/登录过期",
    "accounts:people": "account/账号 account/三员分设 account/人员缺位 office/导入表格",
    "accounts:person": "account/账号 account/三员分设 account/人员缺位 office/导入表格",
    "reform:base_info": "office/项目基础信息 office/导入表格",
    "reform:bulletin": "office/通报",
    "reform:burden": "office/减负表",
    "reform:calendar": "office/工作日历",
    "reform:check": "office/督察核查",
    "reform:cockpit": "office/驾驶舱 office/领导一页纸、上会材料",
    "reform:department": "account/机构调整 office/导入表格",
    "reform:draw": "office/督察核查",
    "reform:experiences": "office/经验库",
    "reform:ledger": "entry/填报表",
    "reform:letter": "account/督办",
    "reform:light_rule": "office/亮灯规则",
    "reform:map": KINDS["battlemap"],
    "reform:matter": "account/督办 entry/督办事项、办理反馈",
    "reform:meeting_list": "account/督办",
    "reform:month": "entry/本月一页报完 entry/截止和迟报",
    "reform:month_end": "office/月末收官台",
    "reform:pack": "office/领导一页纸、上会材料",
    "reform:person": "account/账号 office/导入表格",
    "reform:plan": KINDS["planupdate"],
    "reform:problems": "entry/提请协调",
    "reform:request": "entry/提请协调",
    "reform:sample": "office/督察核查",
    "reform:search": "account/检索",
    "reform:word_template": "office/通报",
    "workflow:absence": "reviewer/外出委托",
    "workflow:contribution": "entry/配合材料 entry/请配合单位提供材料",
    "workflow:issu": "office/下发",
    "workflow:reason": "reviewer/审核",
}
# Pictures in static/help/, taken by the command help_pictures, and which page they show.
PICTURES = {
    "battlemap": "绘制项目作战图",
    "targetupdate": "量化目标推进更新",
    "planupdate": "月度计划推进更新",
    "review": "审核",
    "month": "本月一页报完",
    "month_end": "月末收官台",
    "cockpit": "驾驶舱",
    "ledger": "台账",
}
_PICTURED = {
    "reform:month_end": "month_end",
    "reform:month": "month",
    "reform:cockpit": "cockpit",
    "reform:ledger": "ledger",
}
_SECTION = re.compile(r'<section class="card" id="(\w+)">(.*?)</section>', re.DOTALL)
_TOPIC = re.compile(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", re.DOTALL)


class Topic(NamedTuple):
    """One of the rows of 使用帮助."""

    section: str
    heading: str
    text: str  # HTML of our own


class Help(NamedTuple):
    topics: list[Topic]
    picture: str
    picture_of: str


def read() -> dict[str, Topic]:
    """All topics, by their names."""
    page = render_to_string("reform/help.html", context() | {"layout": "reform/help/_bare.html"})
    return {
        f"{section}/{heading}": Topic(section, heading, text.strip())
        for section, rows in _SECTION.findall(page)
        for heading, text in _TOPIC.findall(rows)
    }


def context():
    return {
        "mailbox": settings.INTRANET_MAILBOX,
        "rule": LightRule.current(),
        "review_days": settings.REVIEW_WORKING_DAYS,
        "locking": {
            "failures": settings.AXES_FAILURE_LIMIT,
            "minutes": settings.AXES_COOLOFF_TIME.seconds // 60,
            "hourly": ACCOUNT_FAILURE_LIMIT,
        },
    }


def of_page(path: str, user) -> Help:
    """For the page at that path, as this person uses it."""
    try:
        match = resolve(path)
    except Http404:
        match = None
    names, picture = _names(match, user) if match else (OTHERWISE, "")
    topics = read()
    found = [topics[name] for name in dict.fromkeys(names.split())]
    return Help(found, picture, PICTURES.get(picture, ""))


def _names(match: ResolverMatch, user) -> tuple[str, str]:
    view = match.view_name
    if view == "home":
        return ROLES.get(user.role, OTHERWISE), ""
    if view == "reform:kind" or view.startswith("editing:"):
        kind = match.kwargs.get("name") or _kind(match, user)
        topics = KINDS.get(kind, "")
        return f"{topics} {WRITING}" if view.startswith("editing:") else topics or OTHERWISE, _pictured(kind)
    if view in {"workflow:record", "workflow:snapshot", "workflow:act"}:
        if user.role in REVIEWING:
            return f"{REVIEWING[user.role]} {READING}", "review"
        kind = _kind(match, user)
        return f"{KINDS.get(kind, '')} {READING}", _pictured(kind)
    if view in {"workflow:inbox", "workflow:reviewed", "workflow:decide"}:
        return REVIEWING.get(user.role, OTHERWISE), "review"
    fitting = [name for name in PAGES if view.startswith(name)]
    picture = next((picture for name, picture in _PICTURED.items() if view.startswith(name)), "")
    return (PAGES[max(fitting, key=len)] if fitting else ROLES.get(user.role, OTHERWISE)), picture


def _pictured(kind: str) -> str:
    return kind if kind in PICTURES else ""


def _kind(match: ResolverMatch, user) -> str:
    """Of the record of that page, if this person may see it."""
    found = Record.objects.visible_to(user).filter(pk=match.kwargs.get("pk", -1)).values_list("kind", flat=True).first()
    return (found or "").rpartition(".")[2]
