"""What goes, and what that means for people: read before anything is done, and again when it is done."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Case, Count, Q, When

from accounts import history
from accounts.models import Department, Duty, Role, User
from accounts.office_forms import NOBODY_LEFT
from reform.calendar import today
from reform.models import CoordinationRequest, DueItem, Project, RequestStatus, SupervisionMatter
from reform.models.due_item import MATTERS
from workflow.models import Message, Record
from workflow.models.message import MessageQuerySet
from workflow.refusals import ActionRefused
from workflow.states import UNFINISHED, State

from . import measures
from .messages import number_text

STAFF = (Role.ENTRY, Role.DEPT_REVIEWER)


@dataclass(frozen=True)
class Place:
    """A project, what the department is in it, and what it becomes: `partners_after` are the other departments'."""

    project: Any
    source: Department
    target: Department
    measures: int = 0  # in which it has a part, and applications to change some

    lead_label = "责任单位"

    @cached_property
    def is_responsible(self) -> bool:
        return self.project.department_id == self.source.pk

    @cached_property
    def partners(self) -> list[Department]:
        return list(self.project.partners.all())

    @property
    def is_partner(self) -> bool:
        return self.source in self.partners

    @property
    def role(self) -> str:
        return self.lead_label if self.is_responsible else "配合单位" if self.is_partner else "举措单位"

    @property
    def partners_after(self) -> list[Department]:
        """In the department's place its successor, unless that answers for the project."""
        kept = [department for department in self.partners if department not in (self.source, self.target)]
        answers = self.is_responsible or self.project.department_id == self.target.pk
        if not answers and (self.is_partner or self.target in self.partners):
            kept.append(self.target)
        return kept

    @property
    def sentence(self) -> str:
        """For the history of the project."""
        parts = [f"{self.lead_label}：{self.source} → {self.target}"] if self.is_responsible else []
        before, after = (
            history.display_value(sorted(names, key=str)) for names in (self.partners, self.partners_after)
        )
        if before != after:
            parts.append(f"配合单位：{before or history.EMPTY} → {after or history.EMPTY}")
        if self.measures:
            parts.append(f"{self.measures} 项举措的牵头、配合单位：{self.source} → {self.target}")
        return "；".join(parts)

    @property
    def clash(self) -> str:
        """What becomes of a project in which the successor has a part already; "" for the others."""
        if self.is_responsible and self.target in self.partners:
            return f"{self.title}：{self.target}原是配合单位，改为{self.lead_label}。"
        if self.is_partner and self.project.department_id == self.target.pk:
            return f"{self.title}：{self.target}是{self.lead_label}，{self.source}不再列为配合单位。"
        return ""

    @property
    def title(self) -> str:
        return f"{self.project.number} {self.project.name}"


class MatterPlace(Place):
    """The same of a 督办事项."""

    lead_label = "牵头单位"

    @property
    def after(self) -> tuple[Department, list[Department]]:
        """Who leads it then, and who assists."""
        return self.target if self.is_responsible else self.project.department, self.partners_after

    @property
    def title(self) -> str:
        return f"督办事项“{self.project.name}”"


@dataclass(frozen=True)
class Mover:
    """A person who goes along, and for which departments they did the work of their role."""

    user: User
    duties: list[Department]
    target: Department

    @property
    def gains(self) -> bool:
        """Whether their duty is now for the successor."""
        return self.user.is_active and Role(self.user.role).duty in (Duty.ENTER, Duty.REVIEW)

    def lost(self, source: Department) -> list[Department]:
        """Those for which they do it no longer, beside the one that they leave."""
        return [department for department in self.duties if department not in (source, self.target)]


@dataclass(frozen=True)
class Handover:
    """From `source` to `target`, which is not saved yet where a split founds it; `closes`: the source is merged."""

    source: Department
    target: Department
    projects: list[Project]
    people: list[User]
    matters: list[Any]  # 督办事项 that are not closed
    closes: bool

    @classmethod
    def merger(cls, source: Department, target: Department) -> "Handover":
        matters = list(matters_of(source))
        return cls(source, target, list(projects_of(source)), list(people_of(source)), matters, closes=True)

    @classmethod
    def split(cls, source: Department, target: Department, projects: set[int], people: set[int]) -> "Handover":
        """Of these projects and people (keys) those that are the department's."""
        chosen, staff = projects_of(source).filter(pk__in=projects), people_of(source).filter(pk__in=people)
        matters = matters_of(source).filter(of_project__in=[project.pk for project in chosen])
        return cls(source, target, list(chosen), list(staff), list(matters), closes=False)

    def again(self) -> "Handover":
        """The same, as it is now."""
        source = Department.objects.get(pk=self.source.pk)
        if self.target.pk:
            target = Department.objects.get(pk=self.target.pk)
        else:
            target = Department(name=self.target.name, position=self.target.position)
        if self.closes:
            return Handover.merger(source, target)
        return Handover.split(
            source, target, {project.pk for project in self.projects}, {user.pk for user in self.people}
        )

    def check(self) -> None:
        """Raises ActionRefused, with the sentence, when it cannot be done."""
        if self.source == self.target:
            raise ActionRefused("不能选择本单位，请选择承接工作的单位。")
        if not self.target.is_active:
            raise ActionRefused(f"{self.target}已停用，请选择承接工作的单位。")
        if self.source.is_office or self.target.is_office:
            raise ActionRefused("市委改革办不能并入或分设。")
        if self.projects or self.people or self.matters or self.entrusted:
            return
        if not self.closes:
            raise ActionRefused("请选择要划出的项目或人员。")
        if not self.source.is_active:
            raise ActionRefused(f"{self.source}已停用，没有需要移交的内容。")

    @property
    def counted(self) -> str:
        """In words how much it is."""
        counts = [
            f"{len(self.projects)} 个项目" if self.projects else "",
            f"{len(self.people)} 名人员" if self.people else "",
            f"{len(self.matters)} 件督办事项" if self.matters else "",
        ]
        return "、".join(filter(None, counts)) or "没有项目和人员"

    # --- What goes ----------------------------------------------------------------------------------

    @cached_property
    def places(self) -> list[Place]:
        counts: dict[int, int] = defaultdict(int)
        for named in measures.with_part_of(self.source):
            for project, number in named.values_list(measures.PROJECT[named.model]).annotate(Count("pk")):
                counts[project] += number
        return [Place(project, self.source, self.target, counts[project.pk]) for project in self.projects]

    @cached_property
    def matter_places(self) -> list[MatterPlace]:
        return [MatterPlace(matter, self.source, self.target) for matter in self.matters]

    @property
    def responsible(self) -> list[int]:
        """The keys of the projects for which the successor will answer."""
        return [project.pk for project in self.projects if project.department_id == self.source.pk]

    @property
    def dossiers(self) -> list[int]:
        """The same, and of the matters that it will lead."""
        return [*self.responsible, *(place.project.pk for place in self.matter_places if place.is_responsible)]

    @cached_property
    def requests(self) -> int:
        """提请协调 that wait for the office's answer: they go with the records in which they were raised."""
        found = CoordinationRequest.objects.filter(status=RequestStatus.OPEN)
        return found.filter(source__dossier__in=self.dossiers).count()

    @cached_property
    def movers(self) -> list[Mover]:
        return [
            Mover(user, sorted({held.content_object for held in user.entrustments.all()}, key=str), self.target)
            for user in self.people
        ]

    @cached_property
    def entrusted(self) -> list[User]:
        """Others who did the work of their role for a department that is merged: they do it for the successor."""
        if not self.closes:
            return []
        found = User.objects.filter(entrustments__content_object=self.source, is_active=True)
        found = found.exclude(department=self.source).select_related("department")
        return list(found.order_by("department__position", "pk").distinct())

    @cached_property
    def records(self) -> list[tuple[str, list[tuple[str, int]]]]:
        """[(kind, [(state, how many)])] of what is unfinished in the projects that it answers for."""
        found = Record.objects.filter(dossier__in=self.dossiers, state__in=UNFINISHED)
        by_kind: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for kind, state, number in found.values_list("kind", "state").annotate(Count("pk")).order_by("kind", "state"):
            by_kind[str(apps.get_model(kind)._meta.verbose_name)].append((State(state).label, number))
        return list(by_kind.items())

    @cached_property
    def due(self) -> dict[str, int]:
        """How much waits for a clerk now, and how much more is not settled, counted as in the clerk's lists."""
        items = DueItem.objects.unsettled().filter(dossier__in=self.responsible)
        waiting, all_of_them = (rows.aggregate(number=MATTERS)["number"] for rows in (items.waiting(today()), items))
        return {"waiting": waiting, "later": all_of_them - waiting}

    def messages_text(self) -> str:
        return number_text(self.messages())

    def messages(self) -> MessageQuerySet:
        """Those about what goes, be it records, matters or 提请协调, to those who have worked for the department."""
        raised = CoordinationRequest.objects.filter(source__dossier__in=self.dossiers).only("pk")
        paths = [one.get_absolute_url() for one in [*self.matters, *raised]]
        about = Q(record__dossier__in=self.dossiers) | Q(path__in=paths)
        staff = User.objects.filter(entrustments__content_object=self.source, role__in=STAFF)
        return Message.objects.filter(about, recipient__in=staff)

    # --- What it means ------------------------------------------------------------------------------

    @cached_property
    def warnings(self) -> list[str]:
        return [
            *self._gained(),
            *self._lost(),
            *self._nobody_left(),
            *self._same_names(),
            *filter(None, (place.clash for place in [*self.places, *self.matter_places])),
        ]

    def _gained(self):
        """Who does the work of their role for the successor from now on."""
        gaining: dict[str, list[User]] = defaultdict(list)
        for user in [*(mover.user for mover in self.movers if mover.gains), *self.entrusted]:
            gaining[user.role].append(user)
        for role in Role:
            if gaining[role]:
                names = "、".join(f"{user.full_name}（{user.department}）" for user in gaining[role])
                yield f"{self.target}增加{role.title}：{names}。"

    def _lost(self):
        for mover in self.movers:
            if lost := mover.lost(self.source):
                yield f"{mover.user.full_name}不再受托办理{'、'.join(map(str, lost))}。"

    def _nobody_left(self):
        """Where nobody takes the step of a role afterwards, though somebody did or the successor will need it."""
        leaving = {user.pk for user in self.people}
        lost = {department for mover in self.movers for department in mover.lost(self.source) if department.is_active}
        remaining = sorted(lost if self.closes else {*lost, self.source}, key=str)
        for role in (Role.ENTRY, Role.DEPT_REVIEWER):
            before = Department.assigned_by_department(role)
            arriving = [mover.user for mover in self.movers if mover.gains and mover.user.role == role]
            arriving += [user for user in self.entrusted if user.role == role]
            if not arriving and not before.get(self.target.pk) and self.dossiers:
                yield f"{self.target}{NOBODY_LEFT[role]}"
            for department in remaining:
                held = before.get(department.pk, [])
                if held and leaving.issuperset(held):
                    yield f"{department}{NOBODY_LEFT[role]}"
        yield from self._no_office_reviewer(lost)

    def _no_office_reviewer(self, lost):
        """Those who look after all departments take over, where there are any."""
        role = Role.OFFICE_REVIEWER
        if User.objects.filter(role=role, is_active=True, entrustments=None).exists():
            return
        before, leaving = Department.assigned_by_department(role), {user.pk for user in self.people}
        if self.dossiers and not before.get(self.target.pk) and not any(one.role == role for one in self.entrusted):
            yield f"{self.target}{NOBODY_LEFT[role]}"
        for department in sorted(lost, key=str):
            if leaving.issuperset(before.get(department.pk, [0])):
                yield f"{department}{NOBODY_LEFT[role]}"

    def _same_names(self):
        names = {user.full_name for user in self.people if user.is_active}
        known = User.objects.filter(department=self.target.pk, is_active=True, full_name__in=names)
        for name in sorted(known.values_list("full_name", flat=True)):
            yield f"{self.target}已有一个“{name}”的账号，请核对是否同一人。"

    @cached_property
    def token(self) -> str:
        """Another one when other things would go, or it would mean something else."""
        facts = [
            [self.source.pk, self.source.name, self.target.pk, self.target.name],
            [[place.project.pk, place.project.name, place.sentence] for place in [*self.places, *self.matter_places]],
            [[mover.user.pk, mover.user.full_name, mover.user.role, mover.user.is_active] for mover in self.movers],
            self.warnings,
        ]
        return hashlib.sha256(json.dumps(facts, ensure_ascii=False).encode()).hexdigest()[:32]


def projects_of(department: Department):
    """All in which it has a part: as 责任单位 or 配合单位, or in a measure."""
    part = Q(department=department) | Q(partners=department)
    for named in measures.with_part_of(department):
        part |= Q(pk__in=named.values(measures.PROJECT[named.model]))
    # Not `distinct`: it sorts by all columns.
    found = Project.objects.filter(pk__in=Project.objects.filter(part).values("pk"))
    answered_for_first = Case(When(department=department, then=0), default=1)
    return found.select_related("department").prefetch_related("partners").order_by(answered_for_first, "number")


def matters_of(department: Department):
    """Those not closed that it leads, or in which it assists; what is closed keeps its departments."""
    part = Q(department=department) | Q(partners=department)
    found = SupervisionMatter.objects.unsettled().filter(pk__in=SupervisionMatter.objects.filter(part).values("pk"))
    return found.select_related("department").prefetch_related("partners").order_by("due_on", "pk")


def people_of(department: Department):
    found = User.objects.filter(department=department).select_related("department")
    found = found.prefetch_related("entrustments__content_object")
    return found.order_by("-is_active", "role", "pk")
