"""People out of a workbook, by the system administrator: their places and duties, and first passwords for new ones."""

from functools import cached_property

from django.core.exceptions import ValidationError
from import_export.widgets import Widget

from accounts import administration, history
from accounts.models import Department, Role, User
from accounts.person_forms import AWAITS, UserForm
from accounts.phones import normalise
from accounts.texts import clean_name

from .resource import Choice, Named, SheetResource, Warned, YesNo, open_departments
from .sheets import CLEAR, Column, Layout

DUTIES = "受托单位"
LAYOUT = Layout(
    title="人员账号",
    noun="人员",
    most_rows=500,
    columns=(
        Column("手机号", 16, True, "“渝快政”手机号，即登录账号；已有的账号即修改该人员，空着的单元格不改动"),
        Column("姓名", 14, True),
        Column("所属单位", 24, True, "从列表选择", open_departments),
        Column("角色", 22, True, "从列表选择", lambda: Role.labels),
        Column("启用", 10, hint="是或否，空着为是", choices=lambda: ["是", "否"]),
        Column(DUTIES, 34, hint="多个单位用顿号分隔；空着的，录入、审核人员为所属单位，改革办审核人员为全部单位"),
    ),
)


class Name(Widget):
    def clean(self, value, row=None, **kwargs):
        return clean_name(value)


class Phone(Widget):
    def clean(self, value, row=None, **kwargs):
        return normalise(value)


def _place(person):
    """On which duties depend."""
    return person.department_id, person.role, person.is_active


class UserResource(SheetResource):
    """Obeys the same division of parts as the pages: see accounts.administration."""

    layout = LAYOUT
    summary = ("所属单位", "角色", DUTIES, "启用")
    warnings = {
        "moves": Warned(
            "调动和停用",
            "以下人员原有的职责随之取消，登录中的须重新登录，请逐个核对，防止表格错行：",
            "确认调动和停用",
            "请核对调动和停用的人员，确认无误后勾选。",
        ),
        "closed": Warned(
            "已停用的单位",
            "以下人员所属的单位已停用：",
            "确认单位无误",
            "请核对所属单位已停用的人员，确认无误后勾选。",
        ),
        "nobody": Warned(
            "无人办理",
            "导入后以下事项没有人办理：",
            "确认仍要导入",
            "请核对将没有人员的单位，确认仍要导入的，请勾选。",
        ),
    }

    class Meta(SheetResource.Meta):
        model = User
        fields = ["phone", "full_name", "department", "role", "is_active"]
        import_id_fields = ["phone"]

    def widgets(self):
        self.departments = Named(Department, "单位")
        return {
            "phone": Phone(),
            "full_name": Name(),
            "department": self.departments,
            "role": Choice(Role.choices, "角色"),
            "is_active": YesNo(),
        }

    @classmethod
    def lock(cls, dataset):  # noqa: ARG003  # all of them: who is left in charge depends on the others
        list(User.objects.select_for_update(of=("self",)).order_by("pk"))

    def get_queryset(self):
        found = super().get_queryset().select_related("department")
        return found.prefetch_related("entrustments__content_object")

    def after_init_instance(self, instance, new, row, **kwargs):
        if new:
            instance.password = "!"  # until it is saved
        self.duties = [] if new else sorted({held.content_object for held in instance.entrustments.all()}, key=str)
        self.place = None if new else _place(instance)
        super().after_init_instance(instance, new, row, **kwargs)

    def name_of(self, instance):
        return instance.full_name

    def key_of(self, instance):
        return instance.masked_phone

    def facts(self, instance):
        names = [name for name in self.fields if name != "phone"]
        state = {"启用": AWAITS} if instance.awaits_authorisation else {}
        return history.facts(instance, names) | state | {DUTIES: history.display_value(self.duties)}

    @cached_property
    def authorises(self):
        return administration.authorises(self.user)

    def read_more(self, instance, row, errors):
        """The duties; nobody changes their own place."""
        if row["启用"]:
            instance.awaits_authorisation = False
        if not self.authorises and not errors:
            self._withhold(instance, row, errors)
        if instance.pk == self.user.pk and self.place != _place(instance):
            errors["phone"] = [ValidationError("不能通过导入改变本人的单位、角色和状态。")]
        if not errors:
            try:
                self._read_duties(instance, row[DUTIES])
            except ValueError as error:
                errors[DUTIES] = [ValidationError(str(error))]

    def _withhold(self, instance, row, errors):
        department, role, is_active = self.place or (None, instance.role, False)
        if role != instance.role:
            errors["role"] = [ValidationError("由安全管理员调整，请不要改动。")]
        if row[DUTIES]:
            errors[DUTIES] = [ValidationError("由安全管理员或市委改革办指定，请不要填写。")]
        administration.withhold(instance, was_active=is_active, was_in=department)

    def _read_duties(self, instance, text):
        """A cell says all of them; an empty one leaves them, or what follows from a new place."""
        has_duty = instance.role and Role(instance.role).duty is not None
        is_reviewer_of_all = instance.role == Role.OFFICE_REVIEWER
        if text and text != CLEAR:
            if not has_duty:
                raise ValueError("这个角色没有受托单位，请不要填写。")
            self.duties = sorted(self.departments.find_all(text), key=str)
        elif text == CLEAR:
            self.duties = []
        elif self.place != _place(instance):
            own = instance.is_active and has_duty and not is_reviewer_of_all and instance.department_id
            self.duties = [instance.department] if own else []
        if self.duties and not instance.is_active:
            raise ValueError("停用的人员没有受托单位，请不要填写。")

    def warn(self, instance):
        found = {}
        if not instance.department.is_active and instance.is_active:
            found["closed"] = [f"{instance.full_name}：{instance.department}"]
        if self.place and self.place != _place(instance):
            changed = history.differences(self.before, self.facts(instance))
            found["moves"] = [f"{self.old_name}：{'；'.join(changed)}"]
            found["nobody"] = UserForm(instance=instance).consequences()
        return found

    def save_changed(self, instance):
        if instance._state.adding:
            instance.set_initial_password()
        instance.save()
        held = {entrustment.content_object for entrustment in instance.entrustments.select_related("content_object")}
        for department in held.difference(self.duties):
            instance.unassign(department)
        for department in set(self.duties) - held:
            instance.assign(department)
