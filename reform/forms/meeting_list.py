"""会议议定事项: a pasted list of what a meeting decided, to become 督办事项 all at once."""

from datetime import timedelta
from typing import Any

from django import forms

from accounts import clock
from reform.models import Level
from reform.tables.cells import TooLarge, rows_of
from reform.tables.matter_table import MatterTable, understand
from workflow.forms import DETAIL_LENGTH, DayField

from .supervision import LONGEST_DAYS, departments, words_field

MOST_MATTERS = 100
MEETING_LENGTH = 80  # with the day behind it, it is a matter's 来源说明


class MeetingListForm(forms.Form):
    meeting = words_field("会议名称", 1, MEETING_LENGTH)
    held_on = DayField(
        label="会议日期",
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写会议日期。", "invalid": "会议日期有误，例如 2026-07-01。"},
    )
    level = forms.ChoiceField(
        label="协调层级",
        choices=[("", "请选择"), *Level.choices],
        error_messages={"required": "请选择协调层级。", "invalid_choice": "请从列表中选择协调层级。"},
    )
    table = forms.CharField(
        label="议定事项",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "wrap": "off"}),
        error_messages={"required": "请粘贴议定事项。"},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, use_required_attribute=False)
        self.understood = MatterTable()

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > clock.today():
            raise forms.ValidationError("会议日期不能晚于今天。")
        return day

    def clean_table(self) -> str:
        typed: str = self.cleaned_data["table"]
        try:
            rows = rows_of(typed)
        except TooLarge as error:
            raise forms.ValidationError(str(error)) from error
        today = clock.today()
        days = today, today + timedelta(days=LONGEST_DAYS)
        self.understood = understand(rows, departments=departments(), longest=DETAIL_LENGTH, days=days)
        found = len(self.understood.rows)
        if not found:
            raise forms.ValidationError("没有认出议定事项，请核对表头后重新粘贴。")
        if found > MOST_MATTERS:
            raise forms.ValidationError(f"每次最多 {MOST_MATTERS} 项，现有 {found} 项，请分次粘贴。")
        return typed

    @property
    def source_words(self) -> str:
        """What each matter says it came from."""
        return f"{self.cleaned_data['meeting']}（{self.cleaned_data['held_on']:%Y-%m-%d}）"
