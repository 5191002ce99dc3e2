"""What a clerk is to report on of 督办事项."""

from django.db.models import Exists, OuterRef

from reform.calendar import Term
from reform.models import Progress, SupervisionMatter, SupervisionReport
from workflow.states import UNDER_REVIEW

from .work_list import WorkItem, WorkItems, when


def matters_to_report(user):
    """The open matters of this clerk's departments of which no report is under review."""
    return to_report().filter(department__in=user.assigned_department_ids)


def to_report():
    """The open matters of which no report is under review."""
    return SupervisionMatter.objects.filter(~_under_review(), progress=Progress.OPEN)


def _under_review():
    return Exists(SupervisionReport.objects.filter(dossier=OuterRef("pk"), state__in=UNDER_REVIEW))


class SupervisionItems(WorkItems):
    """Each matter that is not closed: what is to be reported first, by its deadline."""

    empty = ("没有需要办理的督办事项。", "市委改革办交办的督办事项会列在这里。")
    waits_for_issue = False

    def rows(self):
        matters = self._own(SupervisionMatter.objects.with_standing())
        is_due = when(~_under_review(), progress=Progress.OPEN)
        matters = matters.annotate(is_due=is_due, latest=self._latest(dossier=OuterRef("pk")))
        return matters.order_by("-is_due", "due_on", "pk")

    def first_due(self, number):
        """The first to be reported, by their deadlines."""
        return self.build(self._compiled(f"first {number}", lambda items: items.rows().filter(is_due=True)[:number]))

    def build(self, rows):
        records = self._records(matter.latest for matter in rows)
        return [
            WorkItem(
                kind=self.kind,
                key=str(matter.pk),
                project=matter,
                title=matter.get_origin_display(),
                notes=[matter.standing_words],
                record=records.get(matter.latest),
                due=matter.is_due,
                due_on=matter.due_on,
                term=Term(matter.due_on, matter.due_on) if matter.is_due else None,
                page=matter.get_absolute_url(),
            )
            for matter in rows
        ]
