"""What reviewers and clerks fill in around a record's content."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import Case, QuerySet, When
from django.http import QueryDict

from accounts import clock
from accounts.absences import Absence
from accounts.compiled_queries import compiled_rows
from accounts.models import Department, User
from accounts.tracked_forms import TrackedForm

from .actions import Action
from .models import CommonOpinion, ReasonCategory
from .models.opinion import LONGEST, MOST
from .texts import clean_text, day_text

DETAIL_LENGTH = 2000
ITEM_WORDS = 500  # of what is said of one item
EARLIEST_YEAR = 1949  # a date of before is a slip
LONGEST_WAIT = 366  # days for a contribution
DECISIONS = ("approve", "confirm", "send_back", "reject")


def _reasons() -> "QuerySet[ReasonCategory, str]":
    return ReasonCategory.objects.filter(is_active=True).values_list("name", flat=True)


class PlainText(forms.CharField):
    """Free text as `clean_text` leaves it."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class DecisionForm(forms.Form):
    """The words that go with one action: an opinion, or what the action needs (`Action.missing_words`)."""

    reason = forms.ChoiceField(label="驳回原因", error_messages={"invalid_choice": "请从列表中选择驳回原因。"})
    detail = PlainText(
        required=False,
        max_length=DETAIL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, action: Action, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, auto_id=f"id_{action.name}_%s", **kwargs)
        self.action = action
        detail = self.fields["detail"]
        # The browser must not cut what was pasted without a word.
        detail.widget.attrs.pop("maxlength", None)
        if action.needs_reason:
            choices = [("", "请选择"), *((name, name) for name in compiled_rows("reasons", (), _reasons))]
            self.fields["reason"].choices = choices  # type: ignore[attr-defined]  # it is a ChoiceField
        else:
            del self.fields["reason"]
        detail.label = "意见（可不填）"
        if action.needs_detail:
            detail.label = "详细描述" if action.needs_reason else f"{action.label}理由"
        for name, sentence in action.missing_words("", "").items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = sentence

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if self.action.takes_items:
            cleaned["items"] = ticked_items(self.data)
            if any(len(words) > ITEM_WORDS for words in cleaned["items"].values()):
                self.add_error("detail", f"每一项的要求不超过 {ITEM_WORDS} 字。")
        return cleaned

    @property
    def is_open(self) -> bool:
        """Whether it holds something already: what was typed, or what is wrong with it."""
        return self.is_bound or any(self.initial.values())


def ticked_items(data: Mapping[str, Any]) -> dict[str, str]:
    """逐项退回: {address: words} of what was ticked."""
    ticked = data.getlist("item") if isinstance(data, QueryDict) else []
    return {place: clean_text(data.get(f"words-{place}", "")) for place in ticked}


class OpinionForm(forms.Form):
    """One more of somebody's 常用意见."""

    text = PlainText(
        label="常用意见",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "请先填写意见，再存为常用意见。",
            "max_length": "常用意见不超过 %(limit_value)d 字，现有 %(show_value)d 字。",
        },
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: User) -> None:
        super().__init__(data, use_required_attribute=False)
        self.person = person
        self.fields["text"].widget.attrs.pop("maxlength", None)

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        own = self.person.common_opinions
        if own.filter(text=text).exists():
            raise forms.ValidationError("这条意见已经存过。")
        if own.count() >= MOST:
            raise forms.ValidationError(f"常用意见最多 {MOST} 条，请先删除不用的。")
        return text

    def save(self) -> CommonOpinion:
        return self.person.common_opinions.create(text=self.cleaned_data["text"])


class DayField(forms.DateField):
    """A date picked, or typed as 2026-07-01, 2026/7/1, 2026.7.1, 20260701 or 2026年7月1日.

    Browsers take 26 typed as the year for the year 26.
    """

    input_formats = ["%Y-%m-%d", "%Y%m%d"]

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(day_text(value) if isinstance(value, str) else value)
        if day and day.year < EARLIEST_YEAR:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class PersonField(forms.ModelChoiceField):
    """People with their departments."""

    def label_from_instance(self, person: User) -> str:
        return f"{person.full_name}（{person.department}）"


class AbsenceForm(forms.Form):
    """外出委托 of the person: to whom, and for which days."""

    stand_in = PersonField(
        label="受托人",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择受托人。", "invalid_choice": "请从同一角色的在岗人员中选择受托人。"},
    )
    first_day = DayField(
        label="开始日期",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写开始日期。", "invalid": "开始日期有误，例如 2026-07-01。"},
    )
    last_day = DayField(
        label="结束日期",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写结束日期。", "invalid": "结束日期有误，例如 2026-07-01。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, person: User) -> None:
        super().__init__(data, use_required_attribute=False)
        self.person = person
        others = User.objects.filter(role=person.role, is_active=True).exclude(pk=person.pk)
        own_first = Case(When(department=person.department_id, then=0), default=1)
        field = cast("PersonField", self.fields["stand_in"])
        field.queryset = others.select_related("department").order_by(
            own_first, "department__position", "department__name", "full_name", "pk"
        )
        self.others = list(field.queryset)  # read once: the page says so where there is nobody
        field.choices = [("", field.empty_label), *((each.pk, field.label_from_instance(each)) for each in self.others)]

    def clean_first_day(self) -> date:
        day: date = self.cleaned_data["first_day"]
        if day < clock.today():
            raise forms.ValidationError("开始日期不能早于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        first, last, stand_in = (data.get(name) for name in ("first_day", "last_day", "stand_in"))
        if first and last and last < first:
            self.add_error("last_day", "结束日期不能早于开始日期。")
        elif first and last and (last - first).days > LONGEST_WAIT:
            self.add_error("last_day", "一次委托不能超过一年。")
        elif first and last:
            self._check_others(first, last, stand_in)
        return data

    def _check_others(self, first: date, last: date, stand_in: User | None) -> None:
        between = Absence.objects.overlapping(first, last)
        if own := between.filter(person=self.person).first():
            days = f"{own.first_day:%Y-%m-%d}至{own.last_day:%Y-%m-%d}"
            self.add_error("first_day", f"{days}已委托{own.stand_in}，日期不能重叠；改委托他人的，先取消或提前结束。")
        if stand_in and between.filter(person=stand_in).exists():
            self.add_error("stand_in", f"{stand_in}在此期间也外出，请选择其他人员。")

    def save(self) -> Absence:
        return Absence.objects.create(person=self.person, **self.cleaned_data)


class ClassifiedNoticeForm(forms.Form):
    """涉密材料报送登记: inside an edit page's own form, hence the long names."""

    classified_title = PlainText(
        max_length=100,
        error_messages={
            "required": "请填写已报送涉密材料的标题。",
            "max_length": "涉密材料的标题不超过 %(limit_value)d 字，现有 %(show_value)d 字。",
        },
    )
    classified_sent_on = DayField(
        error_messages={
            "required": "请填写涉密材料的报送日期。",
            "invalid": "涉密材料的报送日期有误，例如 2026-07-01。",
        },
    )

    def clean_classified_sent_on(self) -> date:
        day: date = self.cleaned_data["classified_sent_on"]
        if day > clock.today():
            raise forms.ValidationError("涉密材料的报送日期不能晚于今天。")
        return day


class AskForm(forms.Form):
    """请配合单位提供材料."""

    departments = forms.ModelMultipleChoiceField(
        label="配合单位",
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一个配合单位。",
            "invalid_choice": "请从项目的配合单位中选择，已经请求过的不必重复。",
            "invalid_pk_value": "请从项目的配合单位中选择，已经请求过的不必重复。",
        },
    )
    due_on = DayField(
        label="截止日期",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写截止日期。", "invalid": "截止日期有误，例如 2026-07-01。"},
    )
    wanted = PlainText(
        label="需要的材料（可不填）",
        required=False,
        max_length=DETAIL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="写明需要配合单位提供哪些情况、数据或附件。",
        error_messages={"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        departments: list[Department],
        usual: Iterable[Department | None],
    ) -> None:
        """`usual` are ticked unless others are chosen."""
        super().__init__(data, use_required_attribute=False)
        field = self.fields["departments"]
        keys = [department.pk for department in departments]
        field.queryset = Department.objects.filter(pk__in=keys)  # type: ignore[attr-defined]  # it has one
        self.initial["departments"] = [department.pk for department in usual if department and department.pk in keys]
        self.fields["wanted"].widget.attrs.pop("maxlength", None)
        self.fields["due_on"].widget.attrs["min"] = clock.today().isoformat()
        self.offers = bool(keys)

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < clock.today():
            raise forms.ValidationError("截止日期不能早于今天。")
        if day > clock.today() + timedelta(days=LONGEST_WAIT):
            raise forms.ValidationError("截止日期不能晚于一年以后。")
        return day


class ContributionForm(forms.Form):
    """The part of a partner department: files come beside it."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = PlainText(
        label="配合情况",
        required=False,
        max_length=DETAIL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="写明本单位开展的工作、取得的进展，条目式列举。",
        error_messages={"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.fields["text"].widget.attrs.pop("maxlength", None)


class ReasonForm(TrackedForm):
    widths = {"name": 7, "position": 3}

    class Meta:
        model = ReasonCategory
        fields = ["name", "position", "is_active"]
        error_messages = {"name": {"unique": "已有这个驳回原因，请核对。"}}
