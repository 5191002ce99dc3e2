"""机构调整: which department takes over, and what; 移交工作: which person does."""

from typing import Any

from django import forms
from django.db.models import Case, When

from accounts.models import Department, User
from accounts.texts import clean_text
from reform.handovers.contents import Handover, people_of, projects_of
from reform.handovers.person import PersonHandover
from reform.models import Project
from workflow.refusals import ActionRefused

WRONG = ("invalid_choice", "invalid_pk_value", "invalid_list")


class ProjectsField(forms.ModelMultipleChoiceField):
    """Says beside each project what the department is in it."""

    def label_from_instance(self, project):
        is_responsible = project.department_id == self.source.pk
        part = "责任单位" if is_responsible else f"配合，{project.department}负责"
        return f"{project.number} {project.name}（{part}）"


class PeopleField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, user):
        return f"{user.full_name}（{user.get_role_display()}{'' if user.is_active else '，已停用'}）"


def _successor(label, **options):
    found = Department.objects.filter(is_active=True, is_office=False)
    wrong = {"required": "请选择承接工作的单位。", "invalid_choice": "没有这个单位，或者已停用，请重新选择。"}
    return forms.ModelChoiceField(found, label=label, empty_label="请选择", error_messages=wrong, **options)


class HandoverForm(forms.Form):
    """Of one department, `source`; `handover` is what was chosen, once it is valid."""

    def __init__(self, data, *, source: Department):
        super().__init__(data)
        self.source = source
        target: Any = self.fields["target"]
        target.queryset = target.queryset.exclude(pk=source.pk)

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            self.handover = self.chosen(cleaned)
            try:
                self.handover.check()
            except ActionRefused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return cleaned

    def chosen(self, cleaned: dict[str, Any]) -> Handover:
        raise NotImplementedError


class MergerForm(HandoverForm):
    target = _successor("承接单位", help_text="该单位的项目、人员和在办事项全部移交承接单位，该单位随即停用。")

    def chosen(self, cleaned):
        return Handover.merger(self.source, cleaned["target"])


class SplitForm(HandoverForm):
    target = _successor("划入已有单位", required=False)
    name = forms.CharField(
        label="或者设立新单位，填写名称",
        required=False,
        max_length=50,
        error_messages={"max_length": "单位名称不超过 50 字。"},
    )
    projects = ProjectsField(
        queryset=Project.objects.none(),
        label="划出的项目",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(WRONG, "所选项目中有的已不属于本单位，请重新选择。"),
    )
    people = PeopleField(
        queryset=User.objects.none(),
        label="划出的人员",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(WRONG, "所选人员中有的已不属于本单位，请重新选择。"),
    )

    def __init__(self, data, *, source):
        super().__init__(data, source=source)
        projects: Any = self.fields["projects"]
        people: Any = self.fields["people"]
        projects.source, projects.queryset = source, projects_of(source)
        people.queryset = people_of(source)

    def clean_name(self):
        name = clean_text(self.cleaned_data["name"])
        if name and Department.objects.filter(name=name).exists():
            raise forms.ValidationError("已有这个单位，请在“划入已有单位”中选择。")
        return name

    def clean(self):
        cleaned = self.cleaned_data
        if not {"target", "name"} & self.errors.keys() and bool(cleaned["target"]) == bool(cleaned["name"]):
            self.add_error("target", "请选择划入的单位，或者填写新单位名称，只填一项。")
        return super().clean()

    def chosen(self, cleaned):
        target = cleaned["target"] or Department(name=cleaned["name"], position=self.source.position)
        chosen = ({one.pk for one in cleaned[name]} for name in ("projects", "people"))
        return Handover.split(self.source, target, *chosen)


class SuccessorField(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return f"{user.full_name}（{user.department}）"


class PersonHandoverForm(forms.Form):
    """To whom all work of one person, `source`, goes; `handover` once it is valid."""

    target = SuccessorField(
        User.objects.none(),
        label="承接人员",
        empty_label="请选择",
        help_text="同一角色的人员。移交后原人员的账号即行停用；已经办理的记录仍是原人员的。",
        error_messages={
            "required": "请选择承接工作的人员。",
            "invalid_choice": "没有这名人员，或者已停用、角色不同，请重新选择。",
        },
    )

    def __init__(self, data, *, source: User):
        super().__init__(data)
        self.source = source
        found = User.objects.filter(is_active=True, role=source.role).exclude(pk=source.pk)
        own_first = Case(When(department=source.department_id, then=0), default=1)
        target: Any = self.fields["target"]
        target.queryset = found.select_related("department").order_by(own_first, "department__position", "full_name")

    def clean(self):
        cleaned = super().clean()
        if not self.errors:
            self.handover = PersonHandover(self.source, cleaned["target"])
        return cleaned
