"""Project base info out of a workbook."""

import re
import unicodedata
from collections import defaultdict

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from import_export.widgets import ManyToManyWidget, Widget

from accounts import history
from accounts.models import Department
from reform.forms.project import ProjectForm
from reform.models import BattleMap, Domain, Mandate, Project, Stage, TaskForce
from reform.models.project import OPEN_STAGES, add_all, save_all, set_partners
from workflow.actions import lock_dossiers
from workflow.editing.fields import DayField
from workflow.texts import normal_form

from .resource import Choice, Named, SheetResource, Warned, open_departments
from .sheets import CLEAR, Column, Layout


def _task_forces():
    return TaskForce.objects.values_list("name", flat=True)


LAYOUT = Layout(
    title="项目基础信息",
    noun="项目",
    most_rows=2000,
    columns=(
        Column("项目编号", 14, True, f"不可重复；已有的编号即修改该项目，空着的单元格不改动，填“{CLEAR}”即清除"),
        Column("项目名称", 30, True, "不超过100字"),
        Column("起始年度", 10, True, "例如 2026"),
        Column("预计完成年度", 14, True, "不早于起始年度"),
        Column("改革领域", 16, True, "从列表选择", lambda: Domain.objects.values_list("name", flat=True)),
        Column("领衔市领导", 20, True, "职务和姓名"),
        Column("专项小组", 24, hint="从列表选择", choices=_task_forces, may_be_left_out=True),
        Column("牵引来源", 14, hint="从列表选择", choices=lambda: Mandate.labels, may_be_left_out=True),
        Column("牵引文件", 34, hint="中央试点、上级部署的文件名称和文号；涉密文件不填写", may_be_left_out=True),
        Column("责任单位", 18, True, "从列表选择", open_departments),
        Column("配合单位", 30, hint="多个单位用顿号分隔"),
        Column("改革方案名称", 34),
        Column("文号", 22),
        Column("方案印发日期", 16, hint="例如 2026-03-01"),
        Column("所处阶段", 14, True, "从列表选择", lambda: [label for _, label in OPEN_STAGES]),
        Column("认定“加快实施”日期", 20, hint="所处阶段为“加快实施”的必填"),
    ),
)

COLUMNS = [name for name in ProjectForm.Meta.fields if name != "partners"]


class Number(Widget):
    """In its one normal form."""

    def clean(self, value, row=None, **kwargs):
        return normal_form(value)


class Year(Widget):
    def clean(self, value, row=None, **kwargs):
        text = unicodedata.normalize("NFKC", value).removesuffix("年").strip()
        if not text:
            return None
        if not re.fullmatch(r"\d{4}", text, re.ASCII):
            raise ValueError(f"“{value[:20]}”不是年度，例如 2026。")
        return int(text)


class Day(Widget):
    def clean(self, value, row=None, **kwargs):
        try:
            return DayField().clean(value)
        except ValidationError as error:
            raise ValueError(f"“{value[:20]}”不是日期，例如 2026-03-01。") from error


class Partners(ManyToManyWidget):
    def __init__(self, departments):
        super().__init__(Department)
        self.departments = departments

    def clean(self, value, row=None, **kwargs):
        return self.departments.find_all(value)


class ProjectResource(SheetResource):
    layout = LAYOUT
    identifiers = frozenset({"plan_number"})
    summary = (
        "责任单位",
        "配合单位",
        "改革领域",
        "领衔市领导",
        "起始年度",
        "预计完成年度",
        "改革方案名称",
        "牵引来源",
        "所处阶段",
    )
    warnings = {
        "moves": Warned(
            "责任单位变更",
            "以下项目将改由其他单位负责，填报记录一并移交，请逐个核对，防止表格错行：",
            "确认变更责任单位",
            "请核对要变更责任单位的项目，确认无误后勾选。",
        )
    }

    class Meta(SheetResource.Meta):
        model = Project
        fields = [*ProjectForm.Meta.fields]
        import_id_fields = ["number"]
        use_bulk = True  # no savepoint for each row: `after_import` writes all of them

    def widgets(self):
        departments = Named(Department, "单位")
        return {
            "number": Number(),
            "start_year": Year(),
            "end_year": Year(),
            "domain": Named(Domain, "改革领域"),
            "task_force": Named(TaskForce, "专项小组"),
            "mandate": Choice(Mandate.choices, "牵引来源"),
            "department": departments,
            "partners": Partners(departments),
            "adopted_on": Day(),
            "stage": Choice(Stage.choices, "所处阶段", OPEN_STAGES),
            "recognised_on": Day(),
        }

    @classmethod
    def lock(cls, dataset):
        numbers = [normal_form(number) for number in dataset[LAYOUT.headings[0]]]
        lock_dossiers(list(Project.objects.filter(number__in=numbers).values_list("pk", flat=True)))

    def before_import(self, dataset, **kwargs):
        self.added, self.changed, self.partners_of, self.names, self.moved = [], [], [], set(), []
        drawn = BattleMap.objects.standing().values_list("dossier", "year")
        self.years_drawn = defaultdict(list)
        for project, year in drawn:
            self.years_drawn[project].append(year)

    def get_queryset(self):
        found = super().get_queryset().select_related("department", "domain", "task_force").prefetch_related("partners")
        return found.annotate(filed=Count("records"))

    def after_init_instance(self, instance, new, row, **kwargs):
        self.partners = [] if new else list(instance.partners.all())
        self.department = None if new else instance.department
        self.values = self._values(instance)
        instance.known_years_drawn = self.years_drawn[instance.pk]
        instance.known_stage = None if new else instance.stage
        super().after_init_instance(instance, new, row, **kwargs)

    def name_of(self, instance):
        return instance.name

    def facts(self, instance):
        """The 配合单位 are those of the row."""
        partners = sorted(self.partners, key=lambda department: (department.position, department.name))
        names = [name for name in self.fields if name != "partners"]
        return history.facts(instance, names) | {"配合单位": history.display_value(partners)}

    def warn(self, instance):
        """Of a move, with what it means for what has been filed."""
        if self.department is None or self.department == instance.department:
            return {}
        filed = f"，{instance.filed} 条填报记录随项目移交" if instance.filed else ""
        return {"moves": [f"{instance.number} {self.old_name}：{self.department} → {instance.department}{filed}"]}

    def read_more(self, instance, row, errors):
        """The 配合单位, and whether they may be."""
        try:
            if row["配合单位"]:
                self.partners = [] if row["配合单位"] == CLEAR else self.fields["partners"].clean(row)
            instance.check_partners(self.partners)
        except ValueError as error:
            errors["partners"] = [ValidationError(str(error))]
        except ValidationError as error:
            error.update_error_dict(errors)

    def _values(self, instance):
        return {name: getattr(instance, instance._meta.get_field(name).attname) for name in COLUMNS}

    def save_changed(self, instance):
        """`after_import` does so for all rows."""
        self.partners_of.append((instance, self.partners))
        if instance._state.adding:
            self.added.append(instance)
            return
        self.changed.append(instance)
        self.names |= {name for name, value in self._values(instance).items() if value != self.values[name]}
        if self.department != instance.department:
            self.moved.append(instance.pk)

    def save_m2m(self, instance, row, **kwargs):
        """`after_import` sets the 配合单位 of all."""

    def after_import(self, dataset, result, **kwargs):
        try:
            with transaction.atomic():
                add_all(self.added)
        except IntegrityError:  # between the check and the write somebody else has used a number
            taken = self._taken()
            if not taken:
                raise
            for number, row in enumerate(dataset.dict, 1):
                if normal_form(row[self.key.column_name]) in taken:
                    result.append_error_row(number, row, [])
            return
        save_all(self.changed, self.names, self.moved)
        set_partners({instance.pk: partners for instance, partners in self.partners_of})

    def _taken(self):
        numbers = [project.number for project in self.added]
        return set(Project.objects.filter(number__in=numbers).values_list("number", flat=True))
