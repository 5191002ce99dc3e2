"""发文登记台账: one row per 督办函, as it was sent."""

from operator import attrgetter

from django.db.models import OuterRef, Subquery

from reform.as_of import NARROWING_FACTS
from reform.models import MatterStep, Progress, Rung, SupervisionLetter

from .base import BY_PROJECT, DATE, NUMBERED, Column, Ledger


class LetterLedger(Ledger):
    name = "letters"
    label = "发文登记台账"
    about = "每件督办函一行：文号、主送单位、办理要求、反馈时限、签发情况和事项进展。"
    filled_by = "督办函发出后，会自动列在这里。"
    leads_to = "reform:matter"
    leads_by = "matter_id"
    part_of_page = "#letters"
    order = ("-issued_on", "rung", "-number")
    filters = {
        "year": "year",
        "period": ("issued_on__year", "issued_on__month"),
        **BY_PROJECT,
        "department": "department",
        "state": "rung",
    }
    labels = {"year": "文号年度", "period": "签发日期", "department": "主送单位", "state": "督办方式"}
    states = [(str(value), label) for value, label in Rung.choices]
    words = ("text", "department_name", "origin", "requirement")
    columns = (
        NUMBERED,
        Column("文号", attrgetter("document_number"), 26, order="number", leads=True),
        Column("督办方式", lambda row: row.get_rung_display(), 10, order="rung"),
        Column("主送单位", attrgetter("department_name"), 16, order="department__position"),
        Column("督办内容", attrgetter("text"), 36),
        Column("事项来源", attrgetter("origin"), 22),
        Column("原办理时限", attrgetter("deadline"), 12, DATE, order="deadline"),
        Column("办理要求", attrgetter("requirement"), 30),
        Column("反馈时限", attrgetter("due_on"), 12, DATE, order="due_on"),
        Column("联系人", attrgetter("contact"), 10),
        Column("联系电话", attrgetter("phone"), 14),
        Column("签发人", attrgetter("issuer"), 10, order="issuer"),
        Column("签发日期", attrgetter("issued_on"), 12, DATE, order="issued_on"),
        Column("发送人员", attrgetter("sender.full_name"), 10),
        Column("事项进展", lambda row: Progress(row.progress_then).label, 11, order="progress_then"),
    )

    def rows(self, user, as_of, chosen):
        letters = SupervisionLetter.objects.visible_to(user).filter(sent_at__lte=as_of.at)
        steps = MatterStep.objects.filter(matter=OuterRef("matter"), at__lte=as_of.at).order_by("-at", "-pk")
        letters = as_of.annotate(letters, "matter__of_project", **NARROWING_FACTS)
        letters = letters.annotate(progress_then=Subquery(steps.values("progress")[:1]))
        return letters.select_related("sender")
