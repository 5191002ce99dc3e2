"""The left navigation, in the manual's words, with counts of what waits."""

from functools import cache, partial

from django.urls import reverse

from accounts import second_factor
from accounts.addresses import administers_here

from .models import (
    BattleMap,
    BrandUpdate,
    Closure,
    Extension,
    MeasureIteration,
    PlanUpdate,
    PromotionUpdate,
    SupervisionReport,
    TargetAdjustment,
    TargetUpdate,
)
from .reporting.counts import AWAITING, MOST_UNREAD, TO_ANSWER, TO_CLOSE, TO_CONTRIBUTE, TO_ISSUE, UNREAD, counts_of
from .reporting.work_items import next_due

PARENTS = {"/", "/supervision/"}  # of pages that have entries of their own

# One more kind of record is one more line here.
KINDS = (
    (BattleMap, "绘制项目作战图", "map"),
    (TargetUpdate, "量化目标推进更新", "chart-column"),
    (PlanUpdate, "月度计划推进更新", "calendar-check"),
    (PromotionUpdate, "经验复制推广推进更新", "megaphone"),
    (BrandUpdate, "品牌显示度推进更新", "award"),
    (MeasureIteration, "措施迭代申请", "git-branch"),
    (TargetAdjustment, "目标调整申请", "target"),
    (Extension, "延期申请", "calendar-clock"),
    (Closure, "销号申请", "flag"),
    (SupervisionReport, "办理反馈", "message-square-reply"),
)


def navigation(request):
    """Context processor: `nav` for partials/nav.html, `todo_count` and `unread_messages` for the band, and what is
    due next of a clerk.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or second_factor.bars(request):  # nothing would open
        return {}
    sections = [{"title": "", "items": _first_items(request, user)}]
    counts = counts_of(request).copy()
    if user.is_reviewer:
        items = [
            _item(request, "待我审核", "inbox", _address("workflow:inbox"), counts[AWAITING]),
            _item(request, "已审核", "check-check", _address("workflow:reviewed")),
        ]
        if user.is_office_reviewer:
            items.append(_item(request, "待下发", "stamp", _address("workflow:issuable"), counts[TO_ISSUE]))
            items.append(_item(request, "月末收官台", "calendar-x", _address("reform:month_end")))
            items.append(_item(request, "减负表", "feather", _address("reform:burden")))
            items.append(_item(request, "督察核查", "clipboard-check", _address("reform:checks")))
        sections.append({"title": "审核", "items": items})
    if user.reads_records:
        items = [
            _item(
                request,
                label,
                icon,
                _address("reform:kind", model._meta.model_name),
                counts[model._meta.label_lower],
                kind=model._meta.model_name,
            )
            for model, label, icon in KINDS
        ]
        if user.is_department_staff:
            url = _address("workflow:contributions")
            items.append(_item(request, "配合材料", "users", url, counts[TO_CONTRIBUTE]))
        if user.is_clerk:
            items.append(_item(request, "我上报的", "send", _address("workflow:submitted")))
        sections.append({"title": "重大改革项目", "url": _address("reform:projects"), "items": items})
        items = [
            _item(request, "督办事项", "siren", _address("reform:matters"), counts[TO_CLOSE]),
            _item(request, "提请协调", "hand-helping", _address("reform:requests"), counts[TO_ANSWER]),
            _item(request, "问题库", "library", _address("reform:problems")),
            _item(request, "发文登记", "mail", _address("reform:letters")),
        ]
        sections.append({"title": "督办", "items": items})
        ledgers = _item(request, "台账", "table", _address("reform:ledgers"))
        bulletins = _item(request, "通报", "file-text", _address("reform:bulletins"))
        experiences = _item(request, "经验库", "book-open", _address("reform:experiences"))
        sections.append({"title": "成果", "items": [ledgers, bulletins, experiences]})
    is_open = administers_here(request)
    if user.is_staff:
        items = [_item(request, *entry) for entry in _admin_entries(user, is_open=is_open)]
        if user.is_office_reviewer:
            items.append(_item(request, "亮灯规则", "lightbulb", _address("reform:light_rule")))
        sections.append({"title": "管理", "items": items})
    unread = counts.pop(UNREAD, 0)
    unread = f"{MOST_UNREAD}+" if unread > MOST_UNREAD else unread
    context = {"nav": sections, "todo_count": counts.total(), "unread_messages": unread, "administers_here": is_open}
    # A function: looked up on the pages alone that show it.
    return context | ({"next_due": partial(next_due, user)} if user.is_clerk else {})


@cache
def _address(name, *args):
    return reverse(name, args=args)


def _first_items(request, user):
    items = [_item(request, "工作台", "layout-dashboard", _address("home"))]
    if user.is_office_reviewer:
        items.append(_item(request, "驾驶舱", "gauge", _address("reform:cockpit")))
    if user.is_clerk:
        items.append(_item(request, "本月一页报完", "layout-list", _address("reform:month")))
    return items


def _admin_entries(user, *, is_open):
    entries = [
        ("reform.change_project", "项目基础信息", "folder-kanban", "reform:base_infos"),
        ("accounts.change_department", "责任单位", "building-2", "accounts:departments"),
        ("accounts.change_user", "人员账号", "users", "accounts:people"),
        ("accounts.authorise_user", "安全策略", "shield", "accounts:policies"),
        ("accounts.add_department", "附件空间", "hard-drive", "workflow:space"),
        ("accounts.authorise_user", "清除涉密文件", "file-x", "workflow:purges"),
        ("reform.change_calendarday", "工作日历", "calendar-days", "reform:calendar"),
        ("reform.change_domain", "改革领域", "layers", "reform:domains"),
        ("reform.change_taskforce", "专项小组", "network", "reform:task_forces"),
        ("workflow.change_reasoncategory", "驳回原因", "list-x", "workflow:reasons"),
        ("accounts.view_auditentry", "审计日志", "shield-check", "reform:audit"),
        ("workflow.view_event", "流转记录", "history", "admin:workflow_event_changelist"),
        ("reform.view_ledgerexport", "台账导出记录", "file-down", "admin:reform_ledgerexport_changelist"),
    ]
    return [
        (label, icon, _address(url))
        for permission, label, icon, url in entries
        if user.has_perm(permission)
        and (is_open or not (permission.startswith("accounts.") or url.startswith("admin:")))
    ]


def _item(request, label, icon, url, count=0, *, kind=""):
    """`kind`: of the records that are written here; a page that says it as `kind_name` stands under this entry."""
    current = request.path == url or (url not in PARENTS and request.path.startswith(url))
    return {"label": label, "icon": icon, "url": url, "count": count, "current": current, "kind": kind}
