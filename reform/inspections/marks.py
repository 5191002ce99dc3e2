"""The three marks of a plan: 已报, 有佐证, 已核查.

They stand on its last confirmed update, so that a new one begins anew.
"""

from dataclasses import dataclass, replace

from django.db.models import Exists, F, OuterRef, Q, Subquery

from accounts.compiled_queries import compiled_rows
from reform.as_of import AsOf
from reform.models import Finding, MonthlyPlan, SpotCheck
from workflow.models import Attachment, ClassifiedNotice

TINTS = {Finding.TRUE: "green", Finding.PARTLY: "amber", Finding.UNTRUE: "red"}


@dataclass(frozen=True)
class Marks:
    """What can be said for what a plan reports; `finding` is "" before somebody has checked it."""

    reported: bool = False
    proved: bool = False
    finding: str = ""

    @property
    def checked(self):
        """已核查, with what was found unless it is true: 核查部分属实, 核查不属实."""
        if not self.finding:
            return ""
        return "已核查" if self.finding == Finding.TRUE else f"核查{Finding(self.finding).label}"

    @property
    def chips(self):
        """(word, colour) of each that it has, in their order."""
        found = [("已报", "blue")] if self.reported else []
        if self.proved:
            found.append(("有佐证", "blue"))
        return [*found, (self.checked, TINTS[Finding(self.finding)])] if self.finding else found

    @property
    def words(self):
        """已报、有佐证、已核查."""
        return "、".join(word for word, _ in self.chips)


def with_marks(plans, as_of):
    """The plans (a queryset), each with `marked_update`, `marked_proof` and `marked_finding` (see `marks_of`)."""
    files = Attachment.objects.current().filter(record=OuterRef("marked_update"))
    notices = ClassifiedNotice.objects.current().filter(record=OuterRef("marked_update"))
    checks = SpotCheck.objects.filter(update=OuterRef("marked_update"), found_at__lte=as_of.at).order_by("-found_at")
    plans = as_of.with_last_update(plans).annotate(marked_update=F("last_update__pk"))
    return plans.annotate(
        marked_proof=Q(Exists(files)) | Q(Exists(notices)), marked_finding=Subquery(checks.values("finding")[:1])
    )


def marks_of(row):
    """Those of a plan `with_marks`."""
    return Marks(row.marked_update is not None, row.marked_proof, row.marked_finding or "")


def marks(plans):
    """{key: Marks} of these plans (keys) now, in one query."""
    now = AsOf.of()

    def marked(plans, at):
        rows = with_marks(MonthlyPlan.objects.filter(pk__in=plans).order_by(), replace(now, at=at))
        return rows.values_list("pk", "marked_update", "marked_proof", "marked_finding", named=True)

    return {row.pk: marks_of(row) for row in compiled_rows("marks", (), marked, plans=plans, at=now.at)}
