"""Project base info out of Excel: one row a project, found again by its number; all rows or none."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from operator import itemgetter

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Count
from import_export.fields import Field
from import_export.instance_loaders import CachedInstanceLoader
from import_export.resources import ModelResource
from import_export.widgets import ManyToManyWidget, Widget

from accounts import history
from accounts.models import Department
from reform.forms.project import ProjectForm
from reform.models import Domain, Project, Stage
from reform.models.project import OPEN_STAGES
from workflow.editing.fields import DayField

from .workbook import CLEAR, ROW

SEPARATORS = re.compile(r"[、，,；;\n]")


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Row:
    """What one row of the sheet makes of its project; `before` and `after` are {label: value}."""

    project: Project
    before: dict[str, str]  # nothing for a new one
    after: dict[str, str]
    moved_from: Department | None

    @property
    def is_new(self) -> bool:
        return not self.before

    @property
    def name(self) -> str:
        """As the office knows it until now."""
        return self.before.get("项目名称", self.project.name)

    @property
    def partners(self) -> str:
        return self.after["配合单位"]

    @cached_property
    def changes(self) -> list[Change]:
        """Of a project that is there already."""
        return [Change(label, old, self.after[label]) for label, old in self.before.items() if old != self.after[label]]

    @property
    def move_sentence(self) -> str:
        """What a move means for what has been filed."""
        filed = f"，{self.project.filed} 条填报记录随项目移交" if self.project.filed else ""  # type: ignore[attr-defined]  # counted by get_queryset
        return f"{self.project.number} {self.name}：{self.moved_from} → {self.project.department}{filed}"

    @property
    def history(self) -> str:
        if self.is_new:
            return "新增（Excel 导入）"
        return f"{'；'.join(history.differences(self.before, self.after))}（Excel 导入）"


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


class StageName(Widget):
    def clean(self, value, row=None, **kwargs):
        stages = {label: stage for stage, label in Stage.choices}
        if value and value not in stages:
            raise ValueError(f"“{value[:20]}”不是所处阶段，应为：{'、'.join(label for _, label in OPEN_STAGES)}。")
        return stages.get(value, "")


class Named(Widget):
    """Something by its name, asked of the database once for all rows."""

    def __init__(self, model, what):
        super().__init__()
        self.model, self.what, self._named = model, what, None

    def clean(self, value, row=None, **kwargs):
        return self.find(value) if value else None

    def find(self, name):
        if self._named is None:
            self._named = {thing.name: thing for thing in self.model.objects.all()}
        if name in self._named:
            return self._named[name]
        near = get_close_matches(name, self._named, n=1)
        raise ValueError(f"没有“{name[:50]}”这个{self.what}" + (f"，是否为“{near[0]}”？" if near else "。"))


class Partners(ManyToManyWidget):
    def __init__(self, departments):
        super().__init__(Department)
        self.departments = departments

    def clean(self, value, row=None, **kwargs):
        names = dict.fromkeys(name.strip() for name in SEPARATORS.split(value))
        return [self.departments.find(name) for name in names if name]


class Cell(Field):
    """An empty cell keeps what is there; the word 清空 empties it, where the field may be empty."""

    def clean(self, row, **kwargs):
        return self.widget.clean(row[self.column_name], row=row, **kwargs)

    def save(self, instance, row, is_m2m=False, **kwargs):
        text, field = row[self.column_name], Project._meta.get_field(self.attribute)
        if text == CLEAR:
            if not field.blank:
                raise ValueError("必填，不能清空。")
            setattr(instance, self.attribute, None if field.null else "")
        elif text or instance._state.adding:
            super().save(instance, row, is_m2m, **kwargs)


class ProjectResource(ModelResource):
    """Each result of a row without errors has its `row`."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        departments = Named(Department, "单位")
        widgets = {
            "start_year": Year(),
            "end_year": Year(),
            "domain": Named(Domain, "改革领域"),
            "department": departments,
            "partners": Partners(departments),
            "adopted_on": Day(),
            "stage": StageName(),
            "recognised_on": Day(),
        }
        for name, field in self.fields.items():
            label = Project._meta.get_field(name).verbose_name
            self.fields[name] = Cell(attribute=name, column_name=label, widget=widgets.get(name, field.widget))
        self.seen = {}

    class Meta:
        model = Project
        fields = [*ProjectForm.Meta.fields]
        import_id_fields = ["number"]
        instance_loader_class = CachedInstanceLoader
        clean_model_instances = True
        skip_diff = True  # `changes` are the difference, in the words of the history
        use_transactions = True

    def get_queryset(self):
        found = super().get_queryset().select_related("department", "domain").prefetch_related("partners")
        return found.annotate(filed=Count("records"))

    def before_import_row(self, row, **kwargs):
        number = row["项目编号"]
        if not number:
            raise ValidationError({"number": "请填写项目编号。"})
        if number in self.seen:
            raise ValidationError({"number": f"与第 {self.seen[number]} 行的项目编号“{number}”重复。"})
        self.seen[number] = row[ROW]

    def after_init_instance(self, instance, new, row, **kwargs):
        self.partners = [] if new else list(instance.partners.all())
        self.department = None if new else instance.department
        self.before = {} if new else self.facts(instance)

    def facts(self, instance):
        """{label: value}, as the history names them; the 配合单位 are those of the row."""
        partners = sorted(self.partners, key=lambda department: (department.position, department.name))
        names = [name for name in self.fields if name != "partners"]
        return history.facts(instance, names) | {"配合单位": history.display_value(partners)}

    def import_instance(self, instance, row, **kwargs):
        errors = {}
        try:
            super().import_instance(instance, row, **kwargs)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        try:
            if row["配合单位"]:
                self.partners = [] if row["配合单位"] == CLEAR else self.fields["partners"].clean(row)
            instance.check_partners(self.partners)
        except ValueError as error:
            errors["partners"] = [ValidationError(str(error))]
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance, original, row, import_validation_errors=None):
        """What says nothing new is left alone, and not checked again."""
        return not import_validation_errors and bool(self.before) and self.facts(instance) == self.before

    def save_instance(self, instance, is_create, row, **kwargs):
        if not kwargs["dry_run"]:
            super().save_instance(instance, is_create, row, **kwargs)

    def save_m2m(self, instance, row, **kwargs):
        if not kwargs["dry_run"] and self.facts(instance)["配合单位"] != self.before.get("配合单位", ""):
            instance.set_partners(self.partners)

    def after_import_row(self, row, row_result, **kwargs):
        project = row_result.instance
        moved = self.department is not None and self.department != project.department
        row_result.row = Row(project, self.before, self.facts(project), self.department if moved else None)


def problems(result, dataset):
    """All that stands in the way of the import, as sentences in the order of the sheet."""
    found = [(row.number, sentence) for row in result.invalid_rows for sentence in _sentences(row.error)]
    found += [(row.number, "没有保存成功，请核对后再试。") for row in result.error_rows]
    places = dataset[ROW]
    return [
        *("没有导入成功，请核对后再试。" for _ in result.base_errors),
        *(f"第 {places[number - 1]} 行：{sentence}" for number, sentence in sorted(found, key=itemgetter(0))),
    ]


def _sentences(error):
    for name, errors in error.error_dict.items():
        label = "" if name == NON_FIELD_ERRORS else f"{Project._meta.get_field(name).verbose_name} "
        yield from (f"{label}{_words(one)}" for one in errors)


def _words(error):
    if error.code in {"blank", "null"}:
        return "请填写。"
    if error.code == "max_length":
        return f"不超过 {error.params['limit_value']} 字，现有 {error.params['show_value']} 字。"
    return "".join(ValidationError(error).messages)
