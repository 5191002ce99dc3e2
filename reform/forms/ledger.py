"""Narrowing a ledger, and asking for it as of a past day."""

from datetime import date

from django import forms
from django.db.models import Q

from accounts.compiled_queries import compiled_rows
from accounts.listing import UNKNOWN, compiled_choices
from accounts.models import Department
from reform.as_of import AsOf
from reform.calendar import FIRST_YEAR, MONTHS, Period, today
from reform.models import Domain, PartnerSpan, Project, ProjectRevision, TaskForce
from workflow.models import Dossier

from .narrowing import NarrowingForm


class LedgerForm(NarrowingForm):
    narrowed_by = ("year", "period", "department", "domain", "leader", "mandate", "task_force")
    field_order = (
        "q",
        "year",
        "period",
        "month",
        "department",
        "unit",
        "domain",
        "leader",
        "mandate",
        "task_force",
        "state",
        "as_of",
    )

    q = forms.CharField(label="项目、内容", required=False, max_length=50)
    month = forms.TypedChoiceField(
        label="月份",
        required=False,
        coerce=int,
        choices=[("", "全部月份"), *((month, f"{month}月") for month in MONTHS)],
        error_messages=UNKNOWN,
    )
    unit = forms.ModelChoiceField(
        label="举措牵头、配合单位",
        required=False,
        queryset=Department.objects.none(),
        empty_label="全部单位",
        error_messages=UNKNOWN,
    )
    state = forms.ChoiceField(label="状态", required=False, error_messages=UNKNOWN)
    as_of = forms.DateField(
        label="截至日期",
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请填写日期，例如 2026-06-30。"},
    )

    def __init__(self, data, *, ledger, user):
        super().__init__(data)
        self.opens_on = None  # the year on which the ledger opens, until something is asked for
        self.as_of = AsOf.of(self._day())
        if "period" not in ledger.filters or not data.get("month"):
            del self.fields["month"]  # one month of whatever year: only where the address asks for it
        for name in (*self.narrowed_by, "unit", "state"):
            if name not in ledger.filters:
                del self.fields[name]
        for name, label in ledger.labels.items():
            self.fields[name].label = label
        years, keys = self._years_and_keys(user)
        numbers = range(max(years, default=0), min(years, default=1) - 1, -1)
        every = "全部年度" if ledger.filters["year"] else "截至日期当年"
        self.fields["year"].choices = [("", every), *((year, f"{year}年") for year in numbers)]
        if ledger.filters["year"] and today().year in numbers and not any(name in data for name in self.fields):
            self.opens_on = today().year
            self.data = {"year": str(self.opens_on)}
        if "period" in self.fields:
            self._offer_periods(numbers, "全部期间" if ledger.filters["period"] else "最近确认月份")
        if "state" in self.fields:
            self.fields["state"].choices = [("", "全部状态"), *ledger.states]
        pairs = compiled_rows("who was responsible", None, _responsible, **keys)
        responsible = {department for _, department in pairs}
        self._offer("department", _answering, user, responsible=responsible)
        self._offer("unit", _working, responsible=responsible, **keys)
        if "leader" in self.fields:
            self.offer_leaders(dict.fromkeys(leader for leader, _ in pairs))
        self._offer("domain", Domain.objects.all)
        self._offer("task_force", TaskForce.objects.all)
        self.fields["as_of"].widget.attrs["max"] = today().isoformat()

    @staticmethod
    def _years_and_keys(user):
        """The first and the last years of the projects that this person may read, and their keys, unless it is all."""
        every = user.is_office_reviewer
        own = () if every else ("pk",)

        def projects(person):
            found = Project.objects.visible_to(person).order_by()
            return found.values_list("start_year", "end_year", *own).distinct()

        found = compiled_rows("years of projects", None, projects, user=user)
        years = {year for first, last, *_ in found for year in (first, last)}
        return years, {} if every else {"keys": [pk for *_, pk in found]}

    def _offer_periods(self, years, every):
        """Those of these years and of this one, up to its end; a month by itself bears the same label."""
        this_year = today().year
        years = sorted({*years, this_year}, reverse=True)  # 驾驶舱 leads here before there is a project, too
        self.offer_periods(years, date(this_year, 12, 31), every)
        if "month" in self.fields:
            self.fields["month"].label = self.fields["period"].label
        if period := Period.parse(self.data.get("period") or ""):  # which says the year; a month may be 2026-11
            self.data = {name: self.data.get(name) for name in self.data} | {"year": "", "period": period.key}

    def _day(self):
        """The past day that is asked for, if it can be: the form's choices are those of that day."""
        try:
            self.cleaned_data = {"as_of": self.fields["as_of"].clean(self.data.get("as_of"))}
            return self.clean_as_of()
        except forms.ValidationError:
            return None

    def _offer(self, name, build, *user, **keys):
        """What `build(*user, **keys)` finds, by the names that they had then, where the ledger has that field."""
        if name not in self.fields:
            return
        field = self.fields[name]
        field.queryset = self.as_of.annotate(build(*user, **keys), name_then="name")
        field.label_from_instance = lambda choice: choice.name_then or choice.name
        if self.as_of.is_now:
            field.choices = [("", field.empty_label), *compiled_choices(name, None, build, *user, **keys)]

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if day and day > today():
            raise forms.ValidationError("截至日期不能晚于今天，已按现在的数据列出。")
        if day and day.year < FIRST_YEAR:
            raise forms.ValidationError(f"截至日期不能早于 {FIRST_YEAR} 年，已按现在的数据列出。")
        return day

    def display_value(self, name):
        """What was chosen, as the page says it."""
        value, field = self.cleaned_data[name], self.fields[name]
        if isinstance(field, forms.ModelChoiceField):
            return field.label_from_instance(value)
        return str(dict(getattr(field, "choices", ())).get(value, value))


def _of_projects(rows, path, keys):
    return rows.all() if keys is None else rows.filter(**{f"{path}__in": keys})


def _responsible(keys=None):
    """(leader, department) of what was ever said of these projects, or of all."""
    revisions = _of_projects(ProjectRevision.objects, "subject", keys).order_by("lead_leader")
    return revisions.values_list("lead_leader", "department").distinct()


def _answering(user, responsible):
    """Also who answers for a matter that is no project's."""
    answering = Dossier.objects.visible_to(user).values("department")
    return Department.objects.filter(Q(pk__in=responsible) | Q(pk__in=answering))


def _working(responsible, keys=None):
    """Also who assists."""
    assisting = _of_projects(PartnerSpan.objects, "project", keys).values("department")
    return Department.objects.filter(Q(pk__in=responsible) | Q(pk__in=assisting))
