"""绘制项目作战图: five parts, of which the first is the office's."""

import re

from django import forms
from django.template.loader import render_to_string
from django.urls import reverse

from reform.calendar import MONTHS
from reform.forms.fields import LeadField, MonthField, PartnersField, WholeChoice
from reform.indicators import INCREMENTS, IndicatorType
from reform.models import BattleMap, Indicator, Measure, MonthlyPlan, MonthlyTarget, PlanType
from reform.models.battle_map import LEAST_INDICATORS, LEAST_MEASURES
from reform.models.indicator import LONGEST_DELAY, Period, months_of
from reform.models.measure import MEASURE_LENGTH
from reform.quality.map_checkup import advice_on
from workflow.editing.fields import NumberField, TextField
from workflow.editing.forms import Part, RecordForm
from workflow.editing.rows import RowForm, rows_of
from workflow.formats import plain

# The fields of 目标值录入: numbers, and words of a 定性目标.
TARGETS = {"annual_target", "annual_words", *(f"{kind}{month}" for kind in "mw" for month in MONTHS)}
DETAILS = ("type", "baseline", "scope", "source", "period", "delay")  # what the manual does not know
DELAYS = [(0, "无（填报当月数据）"), *((months, f"{months} 个月") for months in range(1, LONGEST_DELAY + 1))]
PLAIN = {"type": ("", IndicatorType.CUMULATIVE), "period": ("", "1"), "delay": ("", "0")}  # what stands for nothing
START = "基期值为上年末的数值，没有的留空。"
ABOUT = {
    IndicatorType.CUMULATIVE: "各月填当月新增，合计等于年度目标值，累计达到累计目标值为正常。",
    IndicatorType.CUMULATIVE_CAP: "各月填当月新增的控制数，合计等于年度目标值，累计不超过累计目标值为正常。",
    IndicatorType.LEVEL: "各月填月末要达到的数值，末月等于年度目标值，适用于比率、存量。" + START,
    IndicatorType.LEVEL_CAP: "各月填月末不高于的数值，末月等于年度目标值，适用于办理天数、差错率。" + START,
    IndicatorType.QUALITATIVE: "不填数值，写明要达到的状态；更新时选择已达成、按计划或滞后，并写明情况。",
}


class IndicatorRow(RowForm):
    must = ("name", "unit", "annual_target", "annual_words")

    name = TextField(rows=None, max_length=100, label="核心指标名称")
    unit = TextField(rows=None, max_length=20, label="计量单位")
    annual_target = NumberField(label="年度目标值")
    annual_words = TextField(rows=2, max_length=500, label="年度目标")
    type = forms.TypedChoiceField(
        label="指标类型", required=False, choices=IndicatorType.choices, empty_value=IndicatorType.CUMULATIVE
    )
    period = WholeChoice(Period.MONTH, label="填报周期", choices=Period.choices)
    delay = WholeChoice(0, label="数据滞后", choices=DELAYS)
    baseline = NumberField(label="基期值")
    scope = TextField(rows=2, max_length=500, label="口径")
    source = TextField(rows=None, max_length=100, label="数据来源")

    class Meta:
        model = Indicator
        fields = ["name", "unit", "annual_target", "annual_words", *DETAILS]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.targets = self.instance.by_month() if self.instance.pk else {}
        for month in MONTHS:
            known = self.targets.get(month)
            self.fields[f"m{month}"] = NumberField(label=f"{month}月")
            self.fields[f"w{month}"] = TextField(rows=2, max_length=500, label=f"{month}月")
            self.initial[f"m{month}"] = known and known.target
            self.initial[f"w{month}"] = known.words if known else ""
        for name, sentence in (("type", "指标类型"), ("period", "填报周期"), ("delay", "数据滞后")):
            self.fields[name].error_messages["invalid_choice"] = f"请从列表中选择{sentence}。"
        self.close_fields()

    def address_of(self, name):
        of_month = re.fullmatch(r"[mw](\d+)", name)
        return f"{self.place}.months.{of_month[1]}" if of_month else super().address_of(name)

    def is_asked(self, name):
        return re.match(r"[mw]\d", name) is None or (name[0] == "w") == self.is_qualitative

    def _get_validation_exclusions(self):
        """Lists offer nothing else than the database takes: to ask it too costs three queries each."""
        return super()._get_validation_exclusions() | {*PLAIN}

    @property
    def is_blank(self):
        """Lists come with something chosen."""
        names = (name for name in self.cleaned_data if name not in ("id", *PLAIN))
        return not self.instance.pk and not any(self.cleaned_data[name] not in (None, "") for name in names)

    def has_own_errors(self):
        return bool(self.errors.keys() - TARGETS)

    def has_target_errors(self):
        return bool(self.errors.keys() & TARGETS)

    @property
    def chosen_type(self):
        """What the page shows the row as: what was chosen, if it is one of the types."""
        value = self["type"].value()
        return value if value in IndicatorType.values else IndicatorType.CUMULATIVE

    @property
    def is_qualitative(self):
        return self.chosen_type == IndicatorType.QUALITATIVE

    @property
    def annual(self):
        """The field of the year's target."""
        return self["annual_words" if self.is_qualitative else "annual_target"]

    @property
    def adds_up(self):
        return self.chosen_type in INCREMENTS

    @property
    def period_ends(self):
        """The months that end a chosen period."""
        value = str(self["period"].value())
        return months_of(int(value) if value in map(str, Period.values) else Period.MONTH)

    @property
    def about(self):
        return ABOUT[self.chosen_type]

    def has_details(self):
        """Whether anything is said that the manual does not know."""
        return any(str(self[name].value() or "") not in PLAIN.get(name, ("",)) for name in DETAILS)

    def opens_details(self):
        return self.has_details() or bool(self.errors.keys() & set(DETAILS))

    def months(self):
        """[(field, whether it is asked for)]."""
        return [(self[f"m{month}"], month in self.period_ends) for month in MONTHS]

    def words(self):
        return [(self[f"w{month}"], month in self.period_ends) for month in MONTHS]

    def total(self):
        """The sum of what can be read in the twelve months."""
        if not self.adds_up:
            return ""
        source = self.cleaned_data if self.is_bound else self.initial
        values = [source.get(f"m{month}") for month in self.period_ends]
        return plain(sum(value or 0 for value in values)) if any(value is not None for value in values) else ""

    def clean(self):
        """What another type does not have is not kept with it."""
        cleaned = super().clean()
        if cleaned is None:
            cleaned = self.cleaned_data
        kind = cleaned.get("type")
        if kind == IndicatorType.QUALITATIVE:
            cleaned["annual_target"] = None
        else:
            cleaned["annual_words"] = ""
        if kind not in (IndicatorType.LEVEL, IndicatorType.LEVEL_CAP):
            cleaned["baseline"] = None
        return cleaned

    def save_children(self):
        asked = self.instance.months
        dropped = [month for month in self.targets if month not in asked]
        if dropped:
            MonthlyTarget.objects.filter(indicator=self.instance, month__in=dropped).delete()
        changed = [
            wanted
            for wanted in map(self._wanted, asked)
            if wanted.month not in self.targets
            or any(getattr(self.targets[wanted.month], name) != getattr(wanted, name) for name in ("target", "words"))
        ]
        if changed:
            MonthlyTarget.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["indicator", "month"], update_fields=["target", "words"]
            )
        return bool(dropped or changed)

    def _wanted(self, month):
        qualitative = self.instance.is_qualitative
        return MonthlyTarget(
            indicator=self.instance,
            month=month,
            target=None if qualitative else self.cleaned_data[f"m{month}"],
            words=self.cleaned_data[f"w{month}"] if qualitative else "",
        )


class PlanRow(RowForm):
    must = ("month", "type", "type_name", "content")

    month = MonthField(label="计划月度")
    type = forms.ChoiceField(label="计划类型", required=False, choices=[("", "请选择"), *PlanType.choices])
    type_name = TextField(rows=None, max_length=20, label="类型名称")
    content = TextField(rows=1, label="计划内容")

    class Meta:
        model = MonthlyPlan
        fields = ["month", "type", "type_name", "content"]

    def __init__(self, *args, year, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["month"].of_year(year)
        self.fields["type"].error_messages["invalid_choice"] = "“%(value)s”不在计划类型中，请从列表中选择计划类型。"

    def _get_validation_exclusions(self):
        """The month is one of the twelve by its choices: to ask the database too costs three queries a plan."""
        return super()._get_validation_exclusions() | {"month"}


class MeasureRow(RowForm):
    must = ("content",)

    content = TextField(rows=3, label="举措内容")
    lead = LeadField()
    partners = PartnersField()

    class Meta:
        model = Measure
        fields = ["content", "lead"]

    def __init__(self, data=None, *args, year, blank, departments, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.fields["lead"].of_project(departments, self.instance.lead)
        self.known_partners = list(self.instance.partners.all()) if self.instance.pk else []
        PartnersField.put_into(self, departments, self.known_partners)
        self.fields["content"].widget.attrs["data-count"] = MEASURE_LENGTH
        prefix = self.add_prefix("plans")
        self.plans = self.rows["plans"] = rows_of(PlanRow)(
            self.data if self.is_bound else None,
            prefix=prefix,
            children=self.instance.plans.all() if self.instance.pk else [],
            blank=int(blank == prefix),
            label=f"{self.label}计划",
            opened=self.opened,
            place=f"{self.place}.plans",
            form_kwargs={"year": year},
        )

    def known_value(self, name):
        return list(self.known_partners) if name == "partners" else super().known_value(name)

    def save_children(self):
        return any([PartnersField.save(self, self.known_partners), self.plans.save(measure=self.instance)])


class BattleMapForm(RecordForm):
    must = ("single_indicator_reason",)
    about_types = ABOUT  # for the script, which shows those of the type that is chosen

    single_indicator_reason = TextField(
        rows=2, label="只设一个核心指标的理由", help_text="只设一个核心指标的填写；有两个以上的不填。"
    )

    class Meta:
        model = BattleMap
        fields = ["single_indicator_reason"]

    def __init__(self, data=None, *, instance, **kwargs):
        super().__init__(data, instance=instance, **kwargs)
        indicators, measures = instance.contents() if instance.pk else ([], [])
        self.indicators = self.rows["indicators"] = self._rows(
            IndicatorRow, "indicators", indicators, LEAST_INDICATORS, "指标"
        )
        self.measures = self.rows["measures"] = self._rows(
            MeasureRow,
            "measures",
            measures,
            LEAST_MEASURES,
            "举措",
            year=instance.year,
            blank=self.blank,
            departments=instance.project.departments(),
        )

    @classmethod
    def starting_data(cls, record, chosen):
        """从上年作战图复制: what was ticked of the earlier map."""
        from .carry_over import CarryOverForm  # it reads this form

        earlier = record.earlier() if chosen else None
        return CarryOverForm(chosen, earlier=earlier).starting_data() if earlier else {}

    @classmethod
    def posted_data(cls, record, post):
        """采用 a table: what the form holds already, with what the table says."""
        if "table" not in post:
            return post
        from .map_table import TableForm  # it reads this form

        return TableForm(post, record=record).form_data()

    def _rows(self, form, prefix, children, least, label, **form_kwargs):
        """Rows that a new map offers as many of as it needs at least."""
        offered = least if self.instance.version == 0 else 1
        blank = max(offered - len(children), 0) + int(self.blank == prefix)
        return rows_of(form)(
            self.data if self.is_bound else None,
            prefix=prefix,
            children=children,
            blank=blank,
            label=label,
            opened=self.opened,
            form_kwargs=form_kwargs,
        )

    def save_rows(self, record):
        return any([self.indicators.save(battle_map=record), self.measures.save(battle_map=record)])

    def advice(self, user):
        found = {"advice": advice_on(self.instance)}
        return super().advice(user) | {"checkup": render_to_string("reform/_checkup.html", found)}

    def preview_url(self):
        return reverse("reform:map", args=[self.instance.pk])

    def parts(self, problems):
        indicators, measures = rows_now(self.indicators), rows_now(self.measures)
        plans = [plan for measure in measures for plan in rows_now(measure.plans)]
        targets = sum(bool(row.annual.value()) for row in indicators)
        return [
            Part("base", "基础信息", "改革办已录入", "ok"),
            self._part("indicators", "核心指标", f"{len(indicators)} 个", len(indicators), problems),
            self._part("targets", "目标值录入", f"{targets} 个指标已录入", targets, problems),
            self._part(
                "measures", "具体举措", f"{len(measures)} 条（至少 {LEAST_MEASURES} 条）", len(measures), problems
            ),
            self._part("plans", "月度推进计划", f"{len(plans)} 项", len(plans), problems),
        ]

    @staticmethod
    def _part(slug, name, note, number, problems):
        wrong = sum(_part_of(problem.field) == slug for problem in problems)
        if wrong:
            return Part(slug, name, f"{wrong} 处待修改", "bad")
        return Part(slug, name, note, "ok") if number else Part(slug, name, "尚未录入")


def rows_now(rows):
    """The rows that say something, saved or not."""
    return rows.kept() if rows.is_bound else [row for row in rows if row.instance.pk]


def _part_of(field):
    """The part of the page in which a field stands."""
    if field.startswith("measures"):
        return "plans" if "-plans" in field else "measures"
    return "targets" if field.rpartition("-")[2] in TARGETS else "indicators"
