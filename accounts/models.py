"""Departments, people, and the duties that people hold for departments."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from accounts import administration, clock
from accounts.absences import Absence, with_stand_ins
from accounts.audit.entries import AuditEntry, AuditLink  # noqa: F401  (Django looks for models here)
from accounts.compiled_queries import compiled_rows
from accounts.passwords import PasswordHolder
from accounts.phones import PhoneField, mask, normalise
from accounts.revisions import Revised, Revision
from accounts.roles import Duty, Role
from accounts.texts import clean_name

# Role, whether active, and of each for whom the person acts the departments, by their places among the keys.
DutiesForm = tuple[str, bool, tuple[tuple[int, ...], ...]]
FOLLOWS_PLACE = ("session_stamp", "inactive_since", "anonymised_at")  # what a change of place sets


def _somebody(role: Role) -> models.Exists:
    """Whether anybody of this role is assigned to the outer department."""
    return models.Exists(
        Entrustment.objects.filter(
            content_object=models.OuterRef("pk"),
            user__role=role,
            user__is_active=True,
            permission__codename=role.duty.value,
        )
    )


class DepartmentQuerySet(models.QuerySet["Department"]):
    def _with_staff(self):
        return self.filter(is_active=True).annotate(
            has_clerks=_somebody(Role.ENTRY), has_reviewers=_somebody(Role.DEPT_REVIEWER)
        )

    def unstaffed(self) -> Self:
        """Those for which nobody enters or nobody reviews, with `has_clerks` and `has_reviewers`."""
        return self._with_staff().exclude(has_clerks=True, has_reviewers=True)

    def without_reviewers(self) -> Self:
        """Of the same, those for which nobody reviews."""
        return self._with_staff().filter(has_reviewers=False)


class Department(Revised):
    name = models.CharField("单位名称", max_length=50, unique=True)
    position = models.PositiveSmallIntegerField("排序", default=0)
    is_office = models.BooleanField("市委改革办", default=False)
    is_active = models.BooleanField("启用", default=True)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任单位"
        ordering = ["position", "name"]
        permissions = [(duty.value, duty.label) for duty in Duty]

    def __str__(self):
        return self.name

    def clean(self):
        super().clean()
        self.name = clean_name(self.name)

    def people_entrusted(self, role: str) -> "models.QuerySet[User]":
        """Those of this role who hold its duty for this department."""
        return User.objects.filter(
            role=role,
            is_active=True,
            entrustments__content_object=self,
            entrustments__permission__codename=Role(role).duty.value,
        ).select_related("department")

    @staticmethod
    def people_by_department(role: str) -> dict[int, list[int]]:
        """{department: those of this role assigned to it, and who stands in for them}, all as ids."""
        stand_ins = Absence.objects.stand_ins()
        assigned = Department.assigned_by_department(role)
        return {department: with_stand_ins(people, stand_ins) for department, people in assigned.items()}

    @staticmethod
    def assigned_by_department(role: str) -> dict[int, list[int]]:
        """{department: those of this role assigned to it}, all as ids, in one query."""
        held = Entrustment.objects.filter(
            user__role=role, user__is_active=True, permission__codename=Role(role).duty.value
        )
        people: dict[int, list[int]] = {}
        for department, person in held.order_by("pk").values_list("content_object", "user"):
            people.setdefault(department, []).append(person)
        return people

    def people_in_charge(self, role: str) -> "models.QuerySet[User]":
        """Those assigned, and who stands in for them today."""
        assigned = self.people_assigned(role).order_by().values("pk")
        absent = Absence.objects.effective().filter(person__in=assigned)
        found = User.objects.filter(models.Q(pk__in=assigned) | models.Q(pk__in=absent.values("stand_in")))
        return found.select_related("department")

    def people_assigned(self, role: str) -> "models.QuerySet[User]":
        """Those assigned; at the office, where nobody is in particular, those who look after all."""
        people = self.people_entrusted(role)
        if role == Role.OFFICE_REVIEWER and not people.exists():
            return User.objects.filter(role=role, is_active=True, entrustments=None)
        return people


class DepartmentRevision(Revision):
    subject = models.ForeignKey(
        Department, models.CASCADE, verbose_name="责任单位", related_name="revisions", db_index=False
    )
    name = models.CharField("单位名称", max_length=50)
    position = models.PositiveSmallIntegerField("排序")

    class Meta(Revision.Meta):
        verbose_name = verbose_name_plural = "责任单位沿革"

    def __str__(self):
        return self.name


class UserManager(BaseUserManager):
    def create_user(self, phone, full_name, department, role, password=None):
        """A person; without a password, one with the initial password, readable once as `initial_password`."""
        user = self.model(phone=normalise(phone), full_name=full_name, department=department, role=role)
        if password is None:
            user.set_initial_password()
        else:
            user.choose_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def create_superuser(self, phone, full_name, department, password=None, role=Role.SYSTEM_ADMIN):
        """The first system administrator: a superuser would pass every permission check, so nobody is one."""
        if not isinstance(department, Department):
            department = Department.objects.get(pk=department)
        return self.create_user(phone, full_name, department, role, password)

    def get_by_natural_key(self, phone):
        return self.select_related("department").get(phone=phone)


class User(PasswordHolder, PermissionsMixin):
    phone = PhoneField("手机号", unique=True, error_messages={"unique": "这个手机号已有账号。"})
    full_name = models.CharField("姓名", max_length=30)
    department = models.ForeignKey(Department, models.PROTECT, verbose_name="所属单位", related_name="people")
    role = models.CharField("角色", max_length=20, choices=Role)
    is_active = models.BooleanField("启用", default=True, help_text="离岗、调出的人员请停用，不要删除。")
    awaits_authorisation = models.BooleanField("待授权", default=False, editable=False)  # see administration
    inactive_since = models.DateTimeField("停用时间", null=True, editable=False)
    anonymised_at = models.DateTimeField("清除个人信息时间", null=True, editable=False)
    unlocked_at = models.DateTimeField("解除锁定时间", null=True, editable=False)
    tour_role = models.CharField("看过入门引导的角色", max_length=20, blank=True, default="", editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "phone"
    REQUIRED_FIELDS = ["full_name", "department"]

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="nobody_is_superuser"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
            models.CheckConstraint(
                condition=models.Q(awaits_authorisation=False) | models.Q(is_active=False),
                name="nobody_acts_unauthorised",
            ),
        ]

    def __str__(self):
        return self.full_name

    @classmethod
    def normalize_username(cls, username):
        return normalise(username)

    def clean(self):
        super().clean()
        self.full_name = clean_name(self.full_name)
        administration.check_one_stays(self)

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name

    @property
    def masked_phone(self):
        return mask(self.phone)

    @property
    def role_title(self):
        return Role(self.role).title

    @property
    def state(self):
        """启用, 待授权 or 停用."""
        return "启用" if self.is_active else "待授权" if self.awaits_authorisation else "停用"

    # What the roles mean. What somebody may do with one record is in workflow/rules.py.

    @property
    def is_clerk(self) -> bool:
        """录入人员."""
        return self.role == Role.ENTRY

    @property
    def is_dept_reviewer(self) -> bool:
        """市级部门审核人员."""
        return self.role == Role.DEPT_REVIEWER

    @property
    def is_office_reviewer(self) -> bool:
        """市委改革办审核人员."""
        return self.role == Role.OFFICE_REVIEWER

    @property
    def is_reviewer(self) -> bool:
        """Of either level."""
        return self.is_dept_reviewer or self.is_office_reviewer

    @property
    def is_department_staff(self) -> bool:
        """Sees the projects of their departments, and those of which their own department is a partner."""
        return self.is_clerk or self.is_dept_reviewer

    @property
    def reads_records(self) -> bool:
        """Has the pages of projects, records and ledgers: all but the administrators and 大屏展示账号."""
        return self.is_department_staff or self.is_office_reviewer

    @property
    def is_display(self) -> bool:
        """大屏展示账号."""
        return self.role == Role.DISPLAY

    @property
    def reads_cockpit(self) -> bool:
        return self.is_office_reviewer or self.is_display

    @property
    def is_staff(self):
        """Whether the admin opens; what it shows then follows from settings.ROLE_PERMISSIONS."""
        return self.is_active and bool(settings.ROLE_PERMISSIONS.get(self.role))

    # --- Duties -----------------------------------------------------------------------------------

    @cached_property
    def assigned_department_ids(self) -> frozenset[int]:
        """Ids of the departments for which this person exercises the duty of their role, today."""
        return frozenset().union(*self.departments_by_holder.values())

    @cached_property
    def duties_as_keys(self) -> tuple[DutiesForm, list[int]]:
        """(their form, keys): all of a person from which it follows what they may see and what waits for them, on one
        day. People whose duties have the same form ask the same, each with keys of their own.
        """
        people = [self.pk, *sorted(self.departments_by_holder.keys() - {self.pk})]
        departments = [self.department_id, *sorted(self.assigned_department_ids - {self.department_id})]
        number_of = {department: number for number, department in enumerate(departments)}
        held = tuple(
            tuple(sorted(number_of[department] for department in self.departments_by_holder.get(person, ())))
            for person in people
        )
        return (self.role, self.is_active, held), people + departments

    def with_keys(self, keys: Sequence[int]) -> "User":
        """Somebody whose duties have the same form: `keys` as those of `duties_as_keys`."""
        (_, _, held), _ = self.duties_as_keys
        people, departments = keys[: len(held)], keys[len(held) :]
        other = User(pk=people[0], role=self.role, is_active=self.is_active, department_id=departments[0])
        other.departments_by_holder = {
            person: frozenset(departments[number] for number in numbers)
            for person, numbers in zip(people, held, strict=True)
        }
        return other

    @cached_property
    def departments_by_holder(self) -> dict[int, frozenset[int]]:
        """{person: the departments for which they hold the duty}: this one, and those in whose place they act."""
        duty = Role(self.role).duty
        if duty is None or not self.is_active:
            return {}
        code = duty.value

        def absent(stand_in: int) -> "models.QuerySet[Absence, int]":
            return Absence.objects.effective().filter(stand_in=stand_in).values_list("person", flat=True)

        def entrusted(pk: int) -> "models.QuerySet[Entrustment, tuple[int, int]]":
            held = models.Q(user=pk) | models.Q(user__in=absent(pk))
            return Entrustment.objects.filter(held, permission__codename=code).values_list("user", "content_object")

        found: dict[int, set[int]] = {self.pk: set()}
        for person, department in compiled_rows("duties", (code, clock.today()), entrusted, pk=self.pk):
            found.setdefault(person, set()).add(department)
        if self.is_office_reviewer:
            # Who holds none in particular looks after all; who does so themselves acts for nobody else.
            people = [*absent(self.pk)] if found[self.pk] else [self.pk]
            everywhere = [person for person in people if not found.get(person)]
            departments = frozenset(Department.objects.values_list("pk", flat=True)) if everywhere else frozenset()
            return {
                person: frozenset(found.get(person) or departments) for person in {**found, **dict.fromkeys(people)}
            }
        return {person: frozenset(held) for person, held in found.items()}

    def acts_through(self, department_id: int) -> list[int]:
        """Those by whose duty this person acts for the department: themselves first, then whom they stand in for."""
        return [person for person, departments in self.departments_by_holder.items() if department_id in departments]

    @cached_property
    def principal_names(self) -> dict[int, str]:
        """{department: in whose place} of the departments for which this person has no duty of their own."""
        own = self.departments_by_holder.get(self.pk, frozenset())
        holders = {
            department: person
            for person, held in reversed(self.departments_by_holder.items())
            for department in held - own
        }
        names = dict(User.objects.filter(pk__in=holders.values()).values_list("pk", "full_name")) if holders else {}
        return {department: names[person] for department, person in holders.items()}

    def principal_name(self, department_id: int, preferred: Callable[[], Iterable[int]] = tuple) -> str:
        """In whose place this person acts for the department, of those `preferred` first; "" by a duty of their own."""
        through = self.acts_through(department_id)
        if not through or self.pk in through:
            return ""
        chosen = next(iter(preferred()), through[0])
        return User.objects.values_list("full_name", flat=True).get(pk=chosen)

    def _forget_duties(self):
        for name in ("assigned_department_ids", "departments_by_holder", "duties_as_keys", "principal_names"):
            self.__dict__.pop(name, None)

    def save(self, *args, update_fields=None, **kwargs):
        """Also settles duties and sessions when the person's place changed, in the same transaction."""
        if update_fields is not None and not {"department", "role", "is_active"} & set(update_fields):
            super().save(*args, update_fields=update_fields, **kwargs)
            return
        with transaction.atomic():
            before = (
                User.objects.select_for_update()
                .filter(pk=self.pk)
                .values_list("department_id", "role", "is_active")
                .first()
            )
            moved = before != (self.department_id, self.role, self.is_active)
            if moved:
                self.session_stamp += before is not None
                self.inactive_since = None if self.is_active else self.inactive_since or timezone.now()
                self.anonymised_at = None if self.is_active else self.anonymised_at
                update_fields = update_fields and {*update_fields, *FOLLOWS_PLACE}
            super().save(*args, update_fields=update_fields, **kwargs)
            if moved:
                self._settle_duties()

    def _settle_duties(self):
        """Only the duty of the present role, for the present department.

        Office reviewers start with none in particular, which means all departments.
        """
        self.entrustments.all().delete()
        duty = Role(self.role).duty
        if self.is_active and duty in (Duty.ENTER, Duty.REVIEW):
            self.assign(self.department)
        self._forget_duties()

    def assign(self, department):
        """The duty of this person's role, for one more department."""
        Entrustment.objects.assign_perm(Role(self.role).duty.value, self, department)
        self._forget_duties()

    def unassign(self, department):
        self.entrustments.filter(content_object=department).delete()
        self._forget_duties()


class Entrustment(UserObjectPermissionBase):
    """A duty held: guardian's object permission as a row of its own, so that revoking really deletes it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="entrustments", verbose_name="人员")
    content_object = models.ForeignKey(Department, models.CASCADE, related_name="entrustments", verbose_name="单位")

    class Meta(UserObjectPermissionBase.Meta):
        verbose_name = verbose_name_plural = "职责"
