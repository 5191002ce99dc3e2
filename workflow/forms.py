"""What reviewers and clerks fill in around a record's content."""

from django import forms

from accounts import clock
from accounts.tracked_forms import TrackedForm

from .models import ReasonCategory
from .texts import clean_text, day_text

DETAIL_LENGTH = 2000
DECISIONS = ("approve", "confirm", "send_back", "reject")


class PlainText(forms.CharField):
    """Free text as `clean_text` leaves it."""

    def to_python(self, value):
        return clean_text(super().to_python(value))


class DecisionForm(forms.Form):
    """审核意见: one of the decisions open on the record, of which some need a reason and a detail."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    action = forms.ChoiceField(
        label="审核结论",
        widget=forms.RadioSelect(attrs={"class": "choice-cards"}),
        error_messages={"required": "请选择审核结论。", "invalid_choice": "请选择审核结论。"},
    )
    reason = forms.ChoiceField(
        label="驳回原因", required=False, error_messages={"invalid_choice": "请从列表中选择驳回原因。"}
    )
    detail = PlainText(
        label="意见（可不填；驳回、退回完善时填写详细描述）",
        required=False,
        max_length=DETAIL_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "给责任单位的意见"}),
        error_messages={"max_length": "不超过 %(limit_value)d 字，现有 %(show_value)d 字。"},
    )

    def __init__(self, data=None, *, actions, **kwargs):
        super().__init__(data, use_required_attribute=False, **kwargs)
        self.actions = {action.name: action for action in actions if action.name in DECISIONS}
        self.fields["action"].choices = [(name, action.label) for name, action in self.actions.items()]
        names = ReasonCategory.objects.filter(is_active=True).values_list("name", flat=True)
        self.fields["reason"].choices = [("", "请选择"), *((name, name) for name in names)]
        # The browser must not cut what was pasted without a word.
        self.fields["detail"].widget.attrs.pop("maxlength", None)

    @property
    def needing_reason(self):
        """Names of the decisions that need one, for the script that shows and hides the fields."""
        return " ".join(action.name for action in self.actions.values() if action.needs_reason)

    def clean(self):
        cleaned = super().clean()
        action = self.actions.get(cleaned.get("action"))
        if action and action.needs_reason:
            if "reason" not in self.errors and not cleaned.get("reason"):
                self.add_error("reason", "请选择驳回原因。")
            if "detail" not in self.errors and not cleaned.get("detail"):
                self.add_error("detail", "请填写详细描述。")
        return cleaned


class DayField(forms.DateField):
    """A date picked, or typed as 2026-07-01, 2026/7/1, 2026.7.1, 20260701 or 2026年7月1日."""

    input_formats = ["%Y-%m-%d", "%Y%m%d"]

    def to_python(self, value):
        return super().to_python(day_text(value) if isinstance(value, str) else value)


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

    def clean_classified_sent_on(self):
        day = self.cleaned_data["classified_sent_on"]
        if day > clock.today():
            raise forms.ValidationError("涉密材料的报送日期不能晚于今天。")
        return day


class ReasonForm(TrackedForm):
    widths = {"name": 7, "position": 3}

    class Meta:
        model = ReasonCategory
        fields = ["name", "position", "is_active"]
        error_messages = {"name": {"unique": "已有这个驳回原因，请核对。"}}
