"""项目基础信息, by hand: the one form of the office's page and of the admin."""

from django import forms
from django.db.models import Q

from accounts.models import Department
from accounts.tracked_forms import TrackedForm
from reform.models import Project
from reform.models.project import OPEN_STAGES
from workflow.editing.fields import DayField


class ProjectForm(TrackedForm):
    groups = (
        ("基本情况", ("number", "name", "domain", "lead_leader", "task_force", "start_year", "end_year")),
        ("牵引来源", ("mandate", "mandate_document")),
        ("单位", ("department", "partners")),
        ("改革方案", ("plan_title", "plan_number", "adopted_on")),
        ("阶段", ("stage", "recognised_on")),
    )
    widths = {
        "number": 4,
        "domain": 4,
        "lead_leader": 4,
        "task_force": 8,
        "mandate": 4,
        "mandate_document": 8,
        "start_year": 2,
        "end_year": 2,
        "department": 6,
        "plan_number": 6,
        "adopted_on": 6,
        "stage": 6,
        "recognised_on": 6,
    }

    class Meta:
        model = Project
        fields = [
            "number",
            "name",
            "start_year",
            "end_year",
            "domain",
            "lead_leader",
            "task_force",
            "mandate",
            "mandate_document",
            "department",
            "partners",
            "plan_title",
            "plan_number",
            "adopted_on",
            "stage",
            "recognised_on",
        ]
        field_classes = {"adopted_on": DayField, "recognised_on": DayField}
        error_messages = {"number": {"unique": "这个项目编号已经使用，请核对。"}}
        widgets = {"partners": forms.CheckboxSelectMultiple}
        help_texts = {
            "mandate_document": "“中央试点”“上级部署”的文件名称和文号；涉密文件不填写。",
            "partners": "配合单位可以查看项目已确认的内容，不办理。",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        project, offered = self.instance, Q(is_active=True)
        if project.pk:
            offered |= Q(pk=project.department_id) | Q(pk__in=project.partners.values("pk"))
        if project.closed_at is None:
            self.fields["stage"].choices = OPEN_STAGES
        for name in ("department", "partners"):
            self.fields[name].queryset = Department.objects.filter(offered)

    def _post_clean(self):
        super()._post_clean()
        try:
            self.instance.check_partners(self.cleaned_data.get("partners", ()))
        except forms.ValidationError as error:
            self.add_error(None, error)

    @property
    def moved(self) -> bool:
        """Whether another department answers for the project from now on."""
        return bool(self.before) and self.before["责任单位"] != str(self.instance.department)

    def move_sentence(self) -> str:
        """What a move means for what has been filed."""
        before, after = self.before["责任单位"], self.instance.department
        filed = self.instance.records.count()
        follow = f"该项目的 {filed} 条填报记录随项目移交，由{after}继续填报和审核。" if filed else ""
        return f"责任单位已由{before}改为{after}。{follow}"

    def _save_m2m(self):
        super()._save_m2m()
        self.instance.keep_partners()
