"""Who may do what: pure predicates over a record and a person.

Role says what one does, `user.assigned_department_ids` for which departments. Nobody decides on their own
submissions.
"""

from accounts.models import Role

from .states import EDITABLE, State


def _acts_as(role, dossier, user):
    return user.role == role and dossier.department_id in user.assigned_department_ids


def may_create(dossier, user):
    """Whether records of this dossier are this person's to write."""
    return _acts_as(Role.ENTRY, dossier, user)


def may_enter(record, user):
    return may_create(record.dossier, user)


def may_see_history(record, user):
    """Partners read what is settled, nothing of how: no rejections, earlier submissions or removed files."""
    return user.role == Role.OFFICE_REVIEWER or record.dossier.department_id in user.assigned_department_ids


def may_edit(record, user):
    return record.state in EDITABLE and may_enter(record, user)


def may_discard(record, user):
    """Only a draft that was never submitted, by anybody entrusted to enter for its department."""
    return may_edit(record, user) and record.submitted_at is None


def may_void(record, user):
    """What others have seen is never thrown away, but may be laid aside."""
    return may_edit(record, user) and record.submitted_at is not None


def may_review(record, user):
    return _acts_as(Role.DEPT_REVIEWER, record.dossier, user) and record.submitter_id != user.pk


def may_confirm(record, user):
    return _acts_as(Role.OFFICE_REVIEWER, record.dossier, user) and record.submitter_id != user.pk


def may_reject(record, user):
    """Rejecting belongs to whichever level has the record before it."""
    return may_review(record, user) if record.state == State.SUBMITTED else may_confirm(record, user)
