"""What the cells of a map's table say, read as the fields of its form read it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.forms import Field

from reform.indicators import IndicatorType
from reform.models import PlanType
from reform.models.indicator import LONGEST_DELAY, Period
from reform.models.measure import MEASURE_LENGTH
from workflow.editing.fields import NumberField, TextField
from workflow.texts import normal_form

from .cells import CLEAR, Cell
from .headings import month_number

NUMBER = NumberField()
FIELDS: dict[str, Field] = {
    "name": TextField(rows=None, max_length=100),
    "unit": TextField(rows=None, max_length=20),
    "scope": TextField(max_length=500),
    "source": TextField(rows=None, max_length=100),
    "words": TextField(max_length=500),  # of a target without numbers
    "type_name": TextField(rows=None, max_length=20),
    "measure": TextField(),
    "plan": TextField(),
}

_TYPES = {normal_form(label): value for value, label in PlanType.choices}
_INDICATOR_TYPES = {normal_form(label): value for value, label in IndicatorType.choices}
_PERIOD = re.compile("[按每]?(月|季|半年|年)(?:度|报)?(?:填报)?")
_DELAY = re.compile("(?:滞后)?([1-9一二两三])个?月?")
NO_DELAY = {"无", "0", "不滞后", "当月"}
_OTHER = re.compile(r"其他[（(：:](.+?)[）)]?")
_MONTH = re.compile(
    r"(?:(?P<year>\d{4})[年./-])?(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])"
    r"(?:月(?:份|底|末|初|中旬|上旬|下旬|\d{1,2}日)?|[./-]\d{1,2})?(?:前|之前|以前)?"
)
SEPARATORS, SEPARATOR = re.compile(r"[、，,；;\n]"), "、"
_SHORT = 20  # letters of a cell that a sentence quotes


def quoted(text: str) -> str:
    return f"“{text[:_SHORT]}{'…' if len(text) > _SHORT else ''}”"


def number(text: str, unit: str) -> tuple[str, str]:
    """The number as typed, without a unit that stands behind it too, and why it is none."""
    shown = unicodedata.normalize("NFKC", unit)
    bare = unicodedata.normalize("NFKC", text)
    value = bare.removesuffix(shown).strip() if shown and bare != shown and bare.endswith(shown) else text
    return value, _problem(NUMBER, value)


def text(name: str, typed: str) -> tuple[str, str]:
    problem = _problem(FIELDS[name], typed)
    if name == "measure" and not problem and len(typed) > MEASURE_LENGTH:
        problem = f"举措内容不超过 {MEASURE_LENGTH} 字，现有 {len(typed)} 字。"
    return typed, problem


def month(typed: str, year: int) -> tuple[str, str]:
    """ "3" of 3月, 三月, 3月底前, 2026年3月 and 2026-03-31; of anything else the text, and why not."""
    match = _month(typed)
    found = month_number(match["month"]) if match else None
    if match is None or found is None:
        return typed, f"{quoted(typed)}不是月份，请填写 1 月至 12 月中的一个。"
    if match["year"] and int(match["year"]) != year:
        return typed, f"{quoted(typed)}不在 {year} 年内。"
    return str(found), ""


def is_month(typed: str) -> bool:
    """Whether it is a month, of whatever year."""
    match = _month(typed)
    return match is not None and month_number(match["month"]) is not None


def _month(typed: str) -> re.Match[str] | None:
    return _MONTH.fullmatch(unicodedata.normalize("NFKC", re.sub(r"\s", "", typed)))


def plan_type(typed: str) -> tuple[str, str, str]:
    """The type and its own name, and why it is none of the twelve."""
    if found := _TYPES.get(normal_form(typed)):
        return found, "", ""
    if match := _OTHER.fullmatch(typed.strip()):
        return PlanType.OTHER, match[1].strip(), ""
    return typed, "", _unknown(typed, "计划类型", PlanType.labels)


def indicator_type(typed: str) -> tuple[str, str]:
    found = _INDICATOR_TYPES.get(normal_form(typed))
    return found or typed, "" if found else _unknown(typed, "指标类型", IndicatorType.labels)


def period(typed: str) -> tuple[str, str]:
    """ "3" of 季, 季度, 按季 and 每季度."""
    match = _PERIOD.fullmatch(normal_form(typed))
    found = next((value for value, label in Period.choices if match and label == match[1]), None)
    return str(found or typed), "" if found else _unknown(typed, "填报周期", Period.labels)


def delay(typed: str) -> tuple[str, str]:
    """ "1" of 1个月, 一个月 and 滞后1个月; "0" of 无."""
    key = normal_form(typed)
    match = _DELAY.fullmatch(key)
    months = month_number(match[1].replace("两", "二")) if match else None
    if months and months <= LONGEST_DELAY:
        return str(months), ""
    if key in NO_DELAY:
        return "0", ""
    return typed, _unknown(typed, "数据滞后", ["无", *(f"{number} 个月" for number in range(1, LONGEST_DELAY + 1))])


def _unknown(typed: str, what: str, known: Iterable[object]) -> str:
    return f"{quoted(typed)}不是规定的{what}，应为：{SEPARATOR.join(map(str, known))}。"


def lead(typed: str, departments: Sequence[str]) -> tuple[str, str]:
    """The department's name as the project has it, "" of the responsible one, which is the first."""
    found, is_known = _department(typed, departments)
    if not is_known:
        return typed, f"{quoted(typed)}不是这个项目的责任单位或配合单位。"
    return "" if found == departments[0] else found, ""


def partners(typed: str, departments: Sequence[str]) -> tuple[str, str]:
    """The departments' names as the project has them, with 、 between them."""
    found = [_department(name.strip(), departments) for name in SEPARATORS.split(typed) if name.strip()]
    strange = [name for name, known in found if not known]
    if strange:
        return typed, f"{quoted(SEPARATOR.join(strange))}不是这个项目的责任单位或配合单位。"
    return SEPARATOR.join(dict.fromkeys(name for name, _ in found)), ""


def _department(typed: str, departments: Sequence[str]) -> tuple[str, bool]:
    """The name as the project has it, and whether it has it."""
    known = {normal_form(name): name for name in departments}
    found = known.get(normal_form(typed))
    return found or typed, found is not None


_MARKS = (
    re.compile(r"\n+"),
    re.compile(r"(?=[（(]\d{1,2}[）)])|(?=[①-⑳])"),
    re.compile(r"(?<!\d)(?=\d{1,2}[.．、](?!\d))"),
    re.compile(r"(?<![一二三四五六七八九十])(?=[一二三四五六七八九十]{1,3}[、是要])"),
    re.compile(r"(?<=[；;])"),
)


def pieces(typed: str) -> list[str]:
    """The actions of a measure that is too long, each by itself; [] of one that is not, or is one action."""
    if len(typed) <= MEASURE_LENGTH:
        return []
    for mark in _MARKS:
        found = [piece.strip() for piece in mark.split(typed) if piece.strip()]
        if len(found) > 1:
            return found
    return []


def _problem(field: Field, typed: str) -> str:
    try:
        field.clean(typed)
    except ValidationError as error:
        return str(error.messages[0])
    return ""


_LISTED = {"indicator_type": indicator_type, "period": period, "delay": delay}


def read(name: str, cell: Cell, *, unit: str, year: int, departments: Sequence[str]) -> Cell:
    """Fills in what the cell says as this field."""
    if normal_form(cell.text) == CLEAR:
        return cell
    if name in FIELDS:
        cell.value, cell.problem = text(name, cell.text)
    elif name in _LISTED:
        cell.value, cell.problem = _LISTED[name](cell.text)
    elif name == "month":
        cell.value, cell.problem = month(cell.text, year)
    elif name == "lead":
        cell.value, cell.problem = lead(cell.text, departments)
    elif name == "partners":
        cell.value, cell.problem = partners(cell.text, departments)
    else:
        cell.value, cell.problem = number(cell.text, unit)
    return cell
