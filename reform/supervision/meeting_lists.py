"""What a meeting decided, entered as 督办事项: all of a list or nothing, and each once."""

import hashlib
from typing import Any

from accounts.models import Department, User
from reform.forms.meeting_list import MeetingListForm
from reform.models import Origin, SupervisionMatter
from reform.tables.matter_table import MatterRow
from workflow.actions import locking
from workflow.texts import normal_form

from .matters import notify_raised


def entry_key(source_words: str, row: MatterRow) -> str:
    """The same for the same decision of the same meeting, whoever sends it and however often."""
    text = "\n".join([normal_form(source_words), normal_form(row.text), str(row.department and row.department.pk)])
    return f"meeting-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def known(form: MeetingListForm) -> dict[str, SupervisionMatter]:
    """Those of a valid form's rows that are matters already, by their keys."""
    keys = [entry_key(form.source_words, row) for row in form.understood.rows]
    found: Any = SupervisionMatter.objects.filter(entry_key__in=keys)
    return {matter.entry_key: matter for matter in found}


@locking()
def enter(form: MeetingListForm, user: User) -> list[SupervisionMatter] | None:
    """The new matters, or None when the form or a row is not in order; the departments are told."""
    # Nobody enters the same list or merges a department meanwhile; `no_key`: what is filed may refer to them.
    list(Department.objects.select_for_update(no_key=True).filter(is_active=True).order_by("pk"))
    if not form.is_valid() or form.understood.problems:
        return None
    already = known(form)
    made = []
    for row in form.understood.rows:
        key = entry_key(form.source_words, row)
        if key in already:
            continue
        matter = SupervisionMatter.objects.raise_matter(
            user,
            text=row.text,
            department=row.department,
            partners=row.partners,
            due_on=row.due_on,
            origin=Origin.MEETING,
            level=form.cleaned_data["level"],
            source_words=form.source_words,
            entry_key=key,
        )
        notify_raised(matter)
        made.append(matter)
    return made
