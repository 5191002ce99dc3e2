"""督察核查: the rule of a sample, and what was found."""

from django import forms

from accounts.listing import UNKNOWN
from reform.calendar import today
from reform.models import CheckWay, Finding, SpotCheck
from reform.models.battle_map import settled_years
from workflow.forms import DayField, PlainText

from .narrowing import NarrowingForm

MOST = 200  # plans of one sample
LONGEST = 5000


class SampleForm(NarrowingForm):
    narrowed_by = ("period", "department", "domain")
    field_order = narrowed_by

    again = forms.BooleanField(label="已核查过的也参加抽取", required=False)
    size = forms.IntegerField(
        label="抽取数量",
        min_value=1,
        max_value=MOST,
        error_messages={
            "required": "请填写抽取数量。",
            "invalid": "抽取数量应为整数。",
            "min_value": "抽取数量应为 1 至 200。",
            "max_value": "抽取数量应为 1 至 200。",
        },
    )
    seed = forms.CharField(
        label="随机种子",
        max_length=30,
        help_text="任意数字或文字，与抽取规则一并记录；规则、种子和数据相同，抽取结果相同。",
        error_messages={"required": "请填写随机种子。", "max_length": "随机种子不超过 30 个字。"},
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.offer_periods(settled_years() or [today().year], today())
        self.fields["period"].label, self.fields["period"].required = "计划月度", True

    def candidates(self):
        """The plans among which it draws."""
        chosen = self.cleaned_data
        period, plans = chosen["period"], SpotCheck.candidates()
        plans = plans.filter(measure__battle_map__year=period.year, month__range=(period.first, period.last))
        if chosen["department"]:
            plans = plans.filter(measure__battle_map__dossier__department=chosen["department"])
        if chosen["domain"]:
            plans = plans.filter(measure__battle_map__dossier__project__domain=chosen["domain"])
        if not chosen["again"]:
            plans = plans.exclude(pk__in=SpotCheck.objects.found().values("plan"))
        return plans

    @property
    def conditions(self):
        """What else was chosen, in words."""
        chosen = self.cleaned_data
        words = [str(chosen[name]) for name in ("department", "domain") if chosen[name]]
        return "，".join([*words, "含已核查过的" if chosen["again"] else "不含已核查过的"])


class FindingForm(forms.Form):
    """What was found; files come beside it. With `conclude` nothing may be missing."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    way = forms.ChoiceField(
        label="核查方式", required=False, choices=CheckWay.choices, widget=forms.RadioSelect, error_messages=UNKNOWN
    )
    checked_on = DayField(
        label="核查日期",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "核查日期有误，例如 2026-07-01。"},
    )
    finding = forms.ChoiceField(
        label="核查结论", required=False, choices=Finding.choices, widget=forms.RadioSelect, error_messages=UNKNOWN
    )
    text = PlainText(
        label="核查情况",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="写明核对了哪些材料、走访或询问了谁、与上报内容是否一致。",
        error_messages={"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )

    def __init__(self, data=None, *, conclude=False, **kwargs):
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.conclude = conclude
        self.fields["text"].widget.attrs.pop("maxlength", None)
        self.fields["checked_on"].widget.attrs["max"] = today().isoformat()

    def clean_checked_on(self):
        day = self.cleaned_data["checked_on"]
        if day and day > today():
            raise forms.ValidationError("核查日期不能晚于今天。")
        return day

    def clean(self):
        missing = {
            "way": "请选择核查方式。",
            "checked_on": "请填写核查日期。",
            "finding": "请选择核查结论。",
            "text": "请填写核查情况。",
        }
        for name, sentence in missing.items() if self.conclude else ():
            if name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, sentence)
        return self.cleaned_data
