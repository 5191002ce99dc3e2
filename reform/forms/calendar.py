"""工作日历: a day that departs from Monday to Friday, and the upload of a year's notice."""

from datetime import date

from django import forms
from django.core import signing

from accounts.tracked_forms import TrackedForm
from reform.calendar import holiday_import, notice_years
from reform.models import CalendarDay, due_schedule
from workflow.editing.fields import DayField
from workflow.workbooks.reader import ACCEPT
from workflow.workbooks.sheet import Unreadable

SALT = "reform.calendar.notice"


def moved_words(count: int) -> str:
    """What a correction of the calendar did to open matters; past ones stay as they are."""
    return f"{count} 项尚未上报的应报事项，截止日期已随之变动。"


def moves_words(moves: due_schedule.Moves) -> str:
    """What it would do; "" for nothing."""
    if not moves.number:
        return ""
    overdue = f"其中 {moves.overdue} 项随即逾期，再改回日历也不恢复。" if moves.overdue else ""
    return f"{moves.number} 项尚未上报的应报事项，截止日期将随之变动。{overdue}"


class CalendarDayForm(TrackedForm):
    widths = {"day": 6, "is_working": 6}

    class Meta:
        model = CalendarDay
        fields = ["day", "is_working", "note"]
        field_classes = {"day": DayField}
        widgets = {"is_working": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.day_before = self.instance.day

    def clean_day(self):
        day, years = self.cleaned_data["day"], notice_years()
        if day.year not in years:
            raise forms.ValidationError(f"日期应在 {years[0]} 至 {years[-1]} 年之间。")
        return day

    def consequences(self):
        corrected = {self.day_before: None} if self.before else {}
        words = moves_words(due_schedule.count_moves(corrected | {self.instance.day: self.instance.is_working}))
        return [words] if words else []


class NoticeForm(forms.Form):
    """The notice of a year as a whole; `days` are what it says."""

    year = forms.TypedChoiceField(label="年度", coerce=int, error_messages={"required": "请选择年度。"})
    file = forms.FileField(
        label="放假安排表（.xlsx、.xls、.et、.ods）",
        required=False,
        max_length=255,
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        error_messages={
            "empty": "文件是空的，请重新选择。",
            "max_length": "文件名过长，请改短后再选择。",
        },
    )

    kept = forms.CharField(widget=forms.HiddenInput, required=False)  # what the file said, while the tick is asked for
    accepted = forms.BooleanField(label="已核对，仍要导入", required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.days: list[holiday_import.Day] = []
        years = [(year, f"{year}年") for year in reversed(notice_years())]
        self.fields["year"].choices = [("", "请选择"), *years]

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file:
            try:
                self.days = holiday_import.read(file)
            except Unreadable as error:
                raise forms.ValidationError(list(error.problems)) from error
        return file

    def clean(self):
        year = self.cleaned_data.get("year")
        if "file" in self.cleaned_data and not self.days:
            self.days = _unpack(self.cleaned_data["kept"])
        if "file" not in self.cleaned_data:
            return
        if not self.days:
            self.add_error("file", "请选择文件。")
        elif year and (problem := _wrong_year(self.days, year)):
            self.add_error("file", problem)
        elif year:
            self._ask()

    def _ask(self):
        """For the tick, when open matters would move."""
        words = moves_words(due_schedule.count_moves({day.day: day.is_working for day in self.days}))
        if words and not self.cleaned_data["accepted"]:
            self.add_error("accepted", [words, "请核对，确认要导入的，勾选后再导入。"])
            self.data = self.data.copy()
            self.data["kept"] = _pack(self.days)

    @property
    def asks(self) -> bool:
        return "accepted" in self.errors


def _pack(days):
    return signing.dumps([(str(day.day), day.is_working, day.note) for day in days], salt=SALT, compress=True)


def _unpack(text):
    try:
        rows = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return []
    return [holiday_import.Day(date.fromisoformat(day), is_working, note) for day, is_working, note in rows]


def _wrong_year(days, year):
    outside = [day.day for day in days if not _belongs(day.day, year)]
    if outside:
        words = "、".join(map(str, outside[:5])) + ("等" if len(outside) > 5 else "")
        return f"{words} 不属于 {year} 年的放假安排，请核对年度和表格。"
    if not any(day.day.year == year for day in days):
        return f"表中没有 {year} 年的日期，请核对年度和表格。"
    return ""


def _belongs(day, year):
    """A notice begins with the turn of its year, and may end with the next."""
    return day.year == year or (day.year, day.month) in ((year - 1, 12), (year + 1, 1))
