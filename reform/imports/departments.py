"""Departments out of a workbook, by the system administrator."""

import re

from django.db.models import Count, Q
from import_export.widgets import Widget

from accounts.models import Department
from accounts.office_forms import DepartmentForm
from workflow.texts import normal_form

from .resource import SheetResource, Warned, YesNo
from .sheets import Column, Layout

LAYOUT = Layout(
    title="责任单位",
    noun="单位",
    most_rows=500,
    columns=(
        Column("单位名称", 30, True, "已有的单位即修改该单位；改名请在“责任单位”页面办理"),
        Column("排序", 10, hint="整数，小的在前；空着排在最后"),
        Column("市委改革办", 14, hint="是或否，空着为否", choices=lambda: ["是", "否"]),
        Column("启用", 10, hint="是或否，空着为是", choices=lambda: ["是", "否"]),
    ),
)


class Name(Widget):
    """The name of a department that is there already, however it was typed."""

    def __init__(self):
        super().__init__()
        self._names = None

    def clean(self, value, row=None, **kwargs):
        if self._names is None:
            self._names = {normal_form(name): name for name in Department.objects.values_list("name", flat=True)}
        return self._names.get(normal_form(value), re.sub(r"\s*\n\s*", " ", value))


class Position(Widget):
    def clean(self, value, row=None, **kwargs):
        text = normal_form(value)
        if text and not re.fullmatch(r"\d{1,4}", text, re.ASCII):
            raise ValueError(f"“{value[:20]}”不是整数。")
        return int(text) if text else 9999


class IsOffice(YesNo):
    def clean(self, value, row=None, **kwargs):
        return super().clean(value or "否", row, **kwargs)


class DepartmentResource(SheetResource):
    layout = LAYOUT
    summary = ("排序", "市委改革办", "启用")
    warnings = {
        "closed": Warned(
            "停用单位",
            "以下单位停用后不能再承担项目，请逐个核对：",
            "确认停用单位",
            "请核对要停用的单位，确认无误后勾选。",
        )
    }

    class Meta(SheetResource.Meta):
        model = Department
        fields = [*DepartmentForm.Meta.fields]
        import_id_fields = ["name"]

    def widgets(self):
        return {"name": Name(), "position": Position(), "is_office": IsOffice(), "is_active": YesNo()}

    @classmethod
    def lock(cls, dataset):  # noqa: ARG003  # all of them: a name may be one's or another's
        list(Department.objects.select_for_update().order_by("pk"))

    def get_queryset(self):
        staff = Count("people", filter=Q(people__is_active=True), distinct=True)
        return super().get_queryset().annotate(staff=staff, projects=Count("dossiers", distinct=True))

    def key_of(self, instance):
        return ""

    def warn(self, instance):
        if self.before.get("启用") != "是" or instance.is_active:
            return {}
        counts = [
            f"{instance.staff} 名启用的人员" if instance.staff else "",
            f"{instance.projects} 个项目" if instance.projects else "",
        ]
        held = "、".join(count for count in counts if count)
        return {"closed": [f"{instance}{f'：还有{held}' if held else ''}"]}
