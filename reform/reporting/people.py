"""Who is in charge of what waits in a department, whichever step it has reached."""

from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.absences import Absence
from accounts.compiled_queries import compiled_rows
from accounts.models import Role, User
from reform.calendar import today

from .steps import OWED, Step

ROLES = (Role.ENTRY, Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER)
ROLE_OF = dict.fromkeys(OWED, Role.ENTRY) | {Step.DEPARTMENT: Role.DEPT_REVIEWER, Step.OFFICE: Role.OFFICE_REVIEWER}

People = dict[tuple[int, str], list[User]]  # {(department id, role): those in charge}


def people_in_charge(departments: Collection[int]) -> People:
    """Of each of these departments and roles; the department's own people come first.

    Where nobody of the office is assigned, those who look after all departments are in charge.
    """
    found: People = {}
    for person in compiled_rows("entrusted", (), _entrusted, departments=frozenset(departments)):
        found.setdefault((person.entrusted_with, person.role), []).append(person)
    everywhere = compiled_rows("everywhere in charge", (), _everywhere)
    for department in departments:
        found.setdefault((department, Role.OFFICE_REVIEWER), list(everywhere))
    _add_stand_ins(found)
    for (department, _), people in found.items():
        people.sort(key=lambda person: person.department_id != department)
    return found


def _entrusted(departments: Collection[int]) -> QuerySet[Any]:
    """Each person once for each duty, in the order in which the duties were given."""
    held = Q()
    for role in ROLES:
        held |= Q(role=role, entrustments__permission__codename=role.duty.value)
    people = User.objects.filter(held, is_active=True, entrustments__content_object__in=frozenset(departments))
    return _named(people).annotate(entrusted_with=F("entrustments__content_object")).order_by("entrustments__pk")


def _everywhere() -> QuerySet[User]:
    return _named(User.objects.filter(role=Role.OFFICE_REVIEWER, is_active=True, entrustments=None))


def _named(people: QuerySet[User]) -> QuerySet[User]:
    """With what a list says of them."""
    return people.only("full_name", "phone", "role", "department")


def _absences() -> QuerySet[Absence]:
    return Absence.objects.effective().select_related("stand_in").order_by("pk")


def _add_stand_ins(found: People) -> None:
    """Who acts today in the place of one of them is in charge too."""
    for absence in compiled_rows("stand-ins", today(), _absences):
        for people in found.values():
            keys = {person.pk for person in people}
            if absence.person_id in keys and absence.stand_in_id not in keys:
                people.append(absence.stand_in)


def in_charge(people: People, department: int, step: int) -> list[User]:
    """Those on whom a matter of that department waits at that step; nobody once it is confirmed."""
    role = ROLE_OF.get(Step(step))
    return people.get((department, role), []) if role else []
