"""粘贴表格: a table in the place of typing. What it says goes into the form of the map, as typed and not saved yet."""

from dataclasses import dataclass, field

from django import forms

from reform.calendar import MONTHS
from reform.indicators import IndicatorType
from reform.tables.cells import TooLarge, rows_of
from reform.tables.map_table import understand
from reform.tables.values import SEPARATOR
from workflow.refusals import ActionRefused
from workflow.texts import normal_form, parse_pk

from .battle_map import BattleMapForm
from .filled import counted, held

APPEND, REPLACE = "append", "replace"


@dataclass
class NewRow:
    """What the fields of one row of the form hold; `plans` of a measure."""

    values: dict[str, str | list[str]]
    plans: list["NewRow"] = field(default_factory=list)

    def under(self, prefix):
        return {f"{prefix}-{name}": value for name, value in self.values.items() if value}


class TableForm(forms.Form):
    """`record`: the map, which may not be saved yet."""

    table = forms.CharField(
        label="表格内容",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "autofocus": True, "spellcheck": "false", "wrap": "off"}),
        error_messages={"required": "请粘贴表格。"},
    )
    mode = forms.ChoiceField(
        label="作战图中已有的内容",
        required=False,
        choices=[(APPEND, "保留，表格内容加在后面"), (REPLACE, "由表格内容替换；表格中没有的部分保留")],
        widget=forms.RadioSelect,
    )

    def __init__(self, data=None, *, record):
        if data is not None:
            data = data.copy()
            data.setdefault("mode", APPEND)
        super().__init__(data, use_required_attribute=False)
        self.record = record
        self.departments = record.project.departments()

    def clean_table(self):
        try:
            rows = rows_of(self.cleaned_data["table"])
        except TooLarge as error:
            raise forms.ValidationError(str(error)) from error
        names = [department.name for department in self.departments]
        self.understood = understand(rows, year=self.record.year, departments=names)
        if self.understood.is_empty and not self.understood.ignored:
            raise forms.ValidationError("请粘贴表格。")
        return self.cleaned_data["table"]

    @property
    def split(self):
        """The measures that are to become several, by their place in the table."""
        return {parse_pk(number) for number in self.data.getlist("split")}

    @property
    def has_rows(self):
        """Whether there is something that the table could come after, or take the place of."""
        return bool(self.record.pk) and (self.record.indicators.exists() or self.record.measures.exists())

    def form_data(self):
        """All that the form of the map would send with the table in it; raises ActionRefused."""
        if not self.is_valid():
            raise ActionRefused("表格没有采用：" + "".join(text for texts in self.errors.values() for text in texts))
        return map_data(
            self.record,
            self.understood,
            self.departments,
            BattleMapForm(instance=self.record),
            replaces=self.cleaned_data["mode"] == REPLACE,
            split=self.split,
        ) | {"version": self.data.get("version", "0")}


def map_data(record, table, departments, there, *, replaces, split):
    """All that the form of the map would send with the table (MapTable) in it; `there` is that form as it stands.

    `split`: the measures that become several, by their place in the table. Where the table `replaces`, what it says of
    a row that is there already is that row still; an empty cell keeps what stands there.
    """
    indicators = _after(_standing(there.indicators), _indicators(table), replaces=replaces, key=_name)
    measures = _after(_standing(there.measures), _measures(table, departments, split), replaces=replaces, key=_content)
    data = {"version": str(record.version)}
    data |= {name: str(there[name].value() or "") for name in there.Meta.fields}
    data |= counted("indicators", indicators) | counted("measures", measures)
    for number, row in enumerate(indicators):
        data |= row.under(f"indicators-{number}")
    for number, row in enumerate(measures):
        prefix = f"measures-{number}"
        data |= row.under(prefix) | counted(f"{prefix}-plans", row.plans)
        for place, plan in enumerate(row.plans):
            data |= plan.under(f"{prefix}-plans-{place}")
    return data


def _indicators(table):
    for indicator in table.indicators:
        names = {"indicator_type": "type"}
        if indicator.type == IndicatorType.QUALITATIVE:
            names |= {"annual_target": "annual_words"} | {f"m{month}": f"w{month}" for month in MONTHS}
        yield NewRow({names.get(name, name): cell.value for name, cell in indicator.cells.items()})


def _measures(table, departments, split):
    keys = {department.name: str(department.pk) for department in departments}
    for number, measure in enumerate(table.measures):
        first, *others = (measure.pieces if number in split else ()) or [measure["measure"].value]
        lead = measure["lead"].value
        own = {"lead": keys.get(lead, lead)} if "lead" in measure.cells else {}
        if "partners" in measure.cells:
            named = measure["partners"].value.split(SEPARATOR)
            own["partners"] = [keys.get(name, name) for name in named if name]
        plans = [
            NewRow({"content" if name == "plan" else name: cell.value for name, cell in plan.cells.items()})
            for plan in measure.plans
        ]
        yield NewRow(own | {"content": first}, plans)
        for piece in others:
            yield NewRow(own | {"content": piece})


def _standing(rows):
    """The saved rows of a form, with what they hold."""
    return [
        NewRow(held(row), _standing(row.rows["plans"]) if "plans" in row.rows else [])
        for row in rows
        if row.instance.pk
    ]


def _after(standing, new, *, replaces, key):
    """The rows that the map has then. One that says of the same thing is that row still, and keeps its history."""
    new = list(new)
    if not replaces or not new:
        return standing + new
    known = {key(row): row for row in reversed(standing)}
    for row in new:
        if old := known.pop(key(row), None):
            row.values = old.values | row.values
            row.plans = _after(old.plans, row.plans, replaces=True, key=_plan) if row.plans else old.plans
    return new


def _name(row):
    return normal_form(row.values.get("name", ""))


def _content(row):
    return normal_form(row.values.get("content", ""))


def _plan(row):
    return tuple(row.values.get(name, "") for name in ("month", "type", "content"))
