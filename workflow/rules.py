"""Who may do what: pure predicates over a record and a person.

Role says what one does, `user.assigned_department_ids` for which departments. Nobody decides on their own
submissions.
"""

from typing import TYPE_CHECKING

from accounts.models import User

from .states import EDITABLE, State

if TYPE_CHECKING:
    from .models import Contribution, Dossier, Record


def is_assigned(dossier: "Dossier", user: User) -> bool:
    """Whether this person does the work of their role for the dossier's department."""
    return dossier.department_id in user.assigned_department_ids


def reads_along(dossier: "Dossier", user: User) -> bool:
    """Of those who see the dossier, its partners: they read what is settled, nothing of how."""
    return not user.is_office_reviewer and not is_assigned(dossier, user)


def may_tidy(record: "Record", user: User) -> bool:
    """Whether what is in the clerks' hands is this person's to put away, also once its dossier is closed."""
    return record.state in EDITABLE and user.is_clerk and is_assigned(record.dossier, user)


def may_create(dossier: "Dossier", user: User) -> bool:
    """Whether records of this dossier are this person's to write."""
    return user.is_clerk and is_assigned(dossier, user) and dossier.closed_at is None


def may_import(dossier: "Dossier", user: User) -> bool:
    """Whether a file of this person may bring first drafts; the clerks check and submit those of the office."""
    return (user.is_clerk or user.is_office_reviewer) and is_assigned(dossier, user) and dossier.closed_at is None


def may_enter(record: "Record", user: User) -> bool:
    return may_create(record.dossier, user)


def may_contribute(contribution: "Contribution", user: User) -> bool:
    """Its part is written by the clerks of the department that was asked, while the record is in the clerks' hands."""
    return user.is_clerk and contribution.department_id in user.assigned_department_ids and contribution.is_open


def may_see_history(record: "Record", user: User) -> bool:
    """Rejections, earlier submissions, removed files, who submitted and whether late: not for partners."""
    return not reads_along(record.dossier, user)


def may_edit(record: "Record", user: User) -> bool:
    return record.state in EDITABLE and may_enter(record, user)


def may_discard(record: "Record", user: User) -> bool:
    """Only a draft that was never submitted, by anybody entrusted to enter for its department."""
    return may_tidy(record, user) and record.submitted_at is None


def may_void(record: "Record", user: User) -> bool:
    """What others have seen is never thrown away, but may be laid aside."""
    return may_tidy(record, user) and record.submitted_at is not None


def may_decide_for(record: "Record", user: User) -> bool:
    """Nobody decides on what they submitted, nor anybody in their place: RecordQuerySet.awaiting says the same."""
    return record.submitter_id != user.pk and bool(holders(record, user))


def holders(record: "Record", user: User) -> list[int]:
    """Those by whose duty this person deals with the record: themselves first; not who submitted it."""
    return [person for person in user.acts_through(record.dossier.department_id) if person != record.submitter_id]


def may_review(record: "Record", user: User) -> bool:
    return user.is_dept_reviewer and may_decide_for(record, user)


def may_confirm(record: "Record", user: User) -> bool:
    return user.is_office_reviewer and may_decide_for(record, user)


def may_reject(record: "Record", user: User) -> bool:
    """Rejecting belongs to whichever level has the record before it."""
    return may_review(record, user) if record.state == State.SUBMITTED else may_confirm(record, user)
