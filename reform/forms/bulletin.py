"""Making, issuing and finding bulletins; replacing a Word template."""

from django import forms

from accounts.listing import UNKNOWN
from accounts.models import Department
from reform import word
from reform.calendar import Period, period_choices, today
from reform.models import Series
from reform.models.battle_map import settled_years
from workflow import filetypes
from workflow.forms import DayField

ISSUED_MB = 20
FORMATS = ("docx", "pdf")


class DraftForm(forms.Form):
    series = forms.ChoiceField(label="系列", choices=Series.choices, error_messages=UNKNOWN)
    period = forms.ChoiceField(label="期间", error_messages={"invalid_choice": "请从列表中选择期间。"})
    dated = DayField(
        label="印发日期",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-11-30。", "required": "请填写印发日期。"},
    )
    addressed_to = forms.CharField(label="主送", max_length=200, error_messages={"required": "请填写主送单位。"})

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        years = sorted({*settled_years(), today().year}, reverse=True)
        self.fields["period"].choices = period_choices(years, today())

    def clean_period(self):
        return Period.parse(self.cleaned_data["period"])

    def clean_dated(self):
        """The year of which the number is."""
        day = self.cleaned_data["dated"]
        if abs(day.year - today().year) > 1:
            raise forms.ValidationError("印发日期的年份有误，请核对。")
        return day


class IssueForm(forms.Form):
    file = forms.FileField(
        label="印发的正式文件（docx 或 pdf）",
        widget=forms.ClearableFileInput({"accept": ".docx,.pdf"}),
        error_messages={"required": "请选择印发的正式文件。", "empty": "文件是空的，请检查后重新上传。"},
    )
    unclassified = forms.BooleanField(
        label="本材料不涉密", error_messages={"required": "请勾选“本材料不涉密”，再重新选择文件。"}
    )
    departments = forms.ModelMultipleChoiceField(
        label="发送单位（不选为全部单位）",
        required=False,
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "没有这个单位。", "invalid_pk_value": "没有这个单位。"},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["departments"].queryset = Department.objects.filter(is_active=True, is_office=False)

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            if filetypes.extension_of(file.name) == "docx":
                word.check_document(file.name, file, most_mb=ISSUED_MB)
            else:
                filetypes.check(file.name, file, allowed=FORMATS)
        except filetypes.Unacceptable as error:
            raise forms.ValidationError(str(error)) from error
        return file


class TemplateForm(forms.Form):
    file = forms.FileField(
        label="新模板（docx）",
        widget=forms.ClearableFileInput({"accept": ".docx"}),
        error_messages={"required": "请选择模板文件。", "empty": "文件是空的，请检查后重新上传。"},
    )

    def __init__(self, *args, check, **kwargs):
        """`check` takes name and file, and raises Unacceptable."""
        super().__init__(*args, **kwargs)
        self.check = check

    def clean_file(self):
        file = self.cleaned_data["file"]
        try:
            self.check(file.name, file)
        except filetypes.Unacceptable as error:
            raise forms.ValidationError(str(error)) from error
        return file
