"""Departments and who looks after them: the forms of the product's pages and of the admin."""

from django import forms

from accounts import history
from accounts.models import Department, Role, User
from accounts.tracked_forms import TrackedForm

NOBODY_LEFT = {
    Role.ENTRY: "将没有录入人员，没有人填报。",
    Role.DEPT_REVIEWER: "将没有审核人员，上报的内容没有人审核。",
    Role.OFFICE_REVIEWER: "将没有改革办审核人员，部门审核通过的内容没有人审核。",
}


class DepartmentForm(TrackedForm):
    """For the system administrator."""

    widths = {"name": 7, "position": 3}

    class Meta:
        model = Department
        fields = ["name", "position", "is_office", "is_active"]
        error_messages = {"name": {"unique": "已有这个单位，请核对。"}}


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, user):
        return f"{user.full_name}（{user.department}）"


def _people(role, label, help_text=""):
    return PeopleField(
        User.objects.filter(role=role, is_active=True)
        .select_related("department")
        .order_by("department__position", "department__name", "full_name"),
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class EntrustingForm(TrackedForm):
    """For the office and 安全管理员: who looks after this department.

    Each field is named after the role whose duty it entrusts.
    """

    entry = _people(Role.ENTRY, "录入人员")
    dept_reviewer = _people(Role.DEPT_REVIEWER, "审核人员")
    office_reviewer = _people(
        Role.OFFICE_REVIEWER, "改革办审核人员", "没有受托具体单位的改革办审核人员，负责全部单位。"
    )

    ROLES = ("entry", "dept_reviewer", "office_reviewer")
    groups = (("受托人员", ROLES),)

    class Meta:
        model = Department
        fields: list[str] = []

    def facts(self):
        for role in self.ROLES:
            self.fields[role].initial = list(self.instance.people_entrusted(role).order_by("full_name", "pk"))
        return {self.fields[role].label: _names(self.fields[role].initial) for role in self.ROLES}

    def _typed(self):
        chosen = {role: self.cleaned_data[role] for role in self.ROLES if role in self.cleaned_data}
        return {self.fields[role].label: _names(people) for role, people in chosen.items()}

    def consequences(self):
        emptied = [role for role in self.ROLES if self.fields[role].initial and not self.cleaned_data[role]]
        return [
            f"{self.instance}{NOBODY_LEFT[role]}"
            for role in emptied
            if role != Role.OFFICE_REVIEWER  # those who look after all take over
        ]

    def save(self, commit=True):
        if commit:
            self.assign()
        return self.instance

    def assign(self) -> None:
        self.assigned = []
        for role in self.ROLES:
            field, chosen = self.fields[role], set(self.cleaned_data[role])
            for user in sorted(chosen.difference(field.initial), key=str):
                user.assign(self.instance)
                self.assigned.append(f"增加{field.label}：{user.full_name}")
            for user in sorted(set(field.initial) - chosen, key=str):
                user.unassign(self.instance)
                self.assigned.append(f"取消{field.label}：{user.full_name}")

    def sentences(self):
        return self.assigned


def _names(people):
    return history.display_value(sorted(user.full_name for user in people))


def may_entrust(user: User) -> bool:
    """The office and 安全管理员 say who looks after a department, the system administrator what it is called."""
    return user.is_office_reviewer or user.role == Role.SECURITY_ADMIN


def form_for_department(user: User) -> type[TrackedForm]:
    return EntrustingForm if may_entrust(user) else DepartmentForm
