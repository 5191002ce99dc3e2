"""督察核查台账: one row per plan that is or was checked, with what was found by then."""

from operator import attrgetter

from django.db.models import Case, CharField, F, OuterRef, Value, When

from reform.models import CheckWay, Finding, SpotCheck, SpotCheckFile

from .base import BY_PROJECT, DATE, NUMBER, NUMBERED, Column, Ledger, number_of, project_columns
from .plans import type_then

OPEN = "open"
STATES = [(OPEN, "待核查"), *Finding.choices]
PLACES = [state for state, _ in STATES]


class CheckLedger(Ledger):
    name = "checks"
    label = "督察核查台账"
    about = "每项被核查的月度计划一行：抽取方式、核查方式、核查结论和处理。"
    filled_by = "月度计划经督察核查后，会自动列在这里。"
    leads_to = "reform:check"
    order = ("-year", "project_number", "opened_at")
    filters = {"year": "year", "period": ("year", "month"), **BY_PROJECT, "state": "state_then"}
    labels = {"period": "计划月度", "state": "核查结论"}
    states = STATES
    words = ("project_name", "project_number", "content_then", "text_then")
    columns = (
        NUMBERED,
        Column("年度", attrgetter("year"), 7, NUMBER, order="year"),
        Column("月度", attrgetter("month"), 7, NUMBER, order="month"),
        *project_columns(name_width=22),
        Column("计划类型", type_then, 16),
        Column("计划内容", attrgetter("content_then"), 30),
        Column("抽取方式", lambda row: f"抽样（种子 {row.draw.seed}）" if row.draw else "指定", 18),
        Column("确定日期", attrgetter("opened_at"), 12, DATE, order="opened_at"),
        Column("核查方式", lambda row: dict(CheckWay.choices).get(row.way_then, ""), 12, order="way_then"),
        Column("核查日期", attrgetter("checked_then"), 12, DATE, order="checked_then"),
        Column(
            "核查结论",
            lambda row: dict(STATES)[row.state_then],
            12,
            order=Case(*(When(state_then=state, then=Value(place)) for place, state in enumerate(PLACES))),
        ),
        Column("核查情况", attrgetter("text_then"), 36),
        Column("附件", lambda row: row.files_then or None, 8, NUMBER, order="files_then"),
        Column("处理", lambda row: "计划重新办理" if row.reopened_then else "", 14, order="reopened_then"),
    )

    def rows(self, user, as_of, chosen):
        checks = SpotCheck.objects.visible_to(user).filter(opened_at__lte=as_of.at)
        if not user.is_office_reviewer:  # what was not found yet, they did not read then
            checks = checks.filter(found_at__lte=as_of.at)
        checks = as_of.with_project(checks, "plan__measure__battle_map__dossier__project")
        fields = {f"{field}_then": field for field in ("type", "type_name", "content")}
        checks = as_of.annotate(checks, "plan", month="month", **fields)
        is_found = {"found_at__lte": as_of.at}
        files = SpotCheckFile.objects.current().filter(check_of=OuterRef("pk"), check_of__found_at__lte=as_of.at)
        return checks.annotate(
            year=F("plan__measure__battle_map__year"),
            state_then=Case(When(**is_found, then="finding"), default=Value(OPEN), output_field=CharField()),
            way_then=Case(When(**is_found, then="way"), default=Value(""), output_field=CharField()),
            checked_then=Case(When(**is_found, then="checked_on")),
            text_then=Case(When(**is_found, then="text"), default=Value(""), output_field=CharField()),
            reopened_then=Case(When(**is_found, then="reopened"), default=Value(False)),
            files_then=number_of(files, "check_of"),
        ).select_related("draw")
