"""督办事项: entering one, and the words with which it is closed or sent back."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator

from accounts import clock
from accounts.models import Department
from reform.models import Level, Origin, Project
from workflow.forms import DETAIL_LENGTH, DayField, PlainText

TOO_LONG = {"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"}
LONGEST_DAYS = 3 * 366


class DeadlineField(DayField):
    """A day from today on."""

    def __init__(self, **options: Any) -> None:
        label = options.setdefault("label", "办理时限")
        messages = {"required": f"请填写{label}。", "invalid": f"{label}有误，例如 2026-07-01。"}
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, error_messages=messages, **options)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and day < clock.today():
            raise forms.ValidationError(f"{self.label}不能早于今天。")
        if day and day > clock.today() + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(f"{self.label}不能晚于三年以后，请核对年份。")
        return day


def words_field(label: str, rows: int = 4, length: int = DETAIL_LENGTH, **options: Any) -> PlainText:
    widget = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput()
    messages = TOO_LONG | {"required": f"请填写{label}。"}
    field = PlainText(label=label, max_length=length, widget=widget, error_messages=messages, **options)
    field.widget.attrs.pop("maxlength", None)  # the browser must not cut what was pasted without a word
    return field


def departments() -> Any:
    return Department.objects.filter(is_active=True, is_office=False)


class MatterFieldsForm(forms.Form):
    """What the office says of a matter when it takes it on, wherever it comes from."""

    department = forms.ModelChoiceField(
        departments(),
        label="牵头单位",
        empty_label="请选择",
        error_messages={"required": "请选择牵头单位。", "invalid_choice": "没有这个单位，或者已停用，请重新选择。"},
    )
    partners = forms.ModelMultipleChoiceField(
        departments(),
        label="配合单位（可不选）",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这个单位，或者已停用，请重新选择。"},
    )
    due_on = DeadlineField()
    level = forms.ChoiceField(
        label="协调层级",
        choices=[("", "请选择"), *Level.choices],
        error_messages={"required": "请选择协调层级。", "invalid_choice": "请从列表中选择协调层级。"},
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("department") in (cleaned.get("partners") or ()):
            self.add_error("partners", "牵头单位不能同时是配合单位。")
        return cleaned


class _Names(ModelChoiceIterator):
    """Choices by their names alone: of projects there may be thousands."""

    def __iter__(self) -> Iterator[Any]:
        yield "", self.field.empty_label
        yield from self.queryset.values_list("pk", "name")


class _ProjectField(forms.ModelChoiceField):
    iterator = _Names


class MatterForm(MatterFieldsForm):
    """One that the office enters by hand."""

    origin = forms.ChoiceField(
        label="事项来源",
        choices=[("", "请选择"), *((o.value, o.label) for o in (Origin.LEADER, Origin.MEETING, Origin.INSPECTION))],
        error_messages={"required": "请选择事项来源。", "invalid_choice": "请从列表中选择事项来源。"},
    )
    source_words = words_field("来源说明（可不填）", 1, 100, required=False, help_text="哪次会议、哪位领导、什么批示。")
    text = words_field("督办内容", 4)
    of_project = _ProjectField(
        Project.objects.all(),
        label="所属项目（可不选）",
        required=False,
        empty_label="不属于哪个项目",
        error_messages={"invalid_choice": "没有这个项目，请重新选择。"},
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=32, required=False)

    field_order = ["origin", "source_words", "text", "of_project", "department", "partners", "due_on", "level"]


class TakeForm(MatterFieldsForm):
    """A problem that a department has raised, as a matter."""

    text = words_field("督办内容", 4)

    field_order = ["text", "department", "partners", "due_on", "level"]


class StepForm(forms.Form):
    """The words of 办结 or 退回."""

    words = words_field("意见")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)


class LetterForm(forms.Form):
    """What a 督办函 says beside what the matter says itself."""

    requirement = words_field("办理要求", 5)
    due_on = DeadlineField(label="反馈时限")
    contact = words_field("联系人", 1, 50)
    phone = words_field("联系电话", 1, 30)
    issuer = words_field("签发人", 1, 50)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
