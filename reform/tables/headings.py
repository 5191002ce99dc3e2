"""The headings under which people write the parts of a map."""

import re

from reform.calendar import MONTHS
from workflow.texts import normal_form

BY_MONTH = tuple(f"m{month}" for month in MONTHS)
BY_POSITION = ("name", "unit", "annual_target", *BY_MONTH)  # what a table of indicators without headings holds
DETAILS = ("indicator_type", "baseline", "scope", "source", "period", "delay")
INDICATOR = (*BY_POSITION, *DETAILS)
MEASURE = ("measure", "lead", "partners")
PLAN = ("month", "type", "type_name", "plan")
LABELS = {
    "name": "核心指标名称",
    "unit": "计量单位",
    "annual_target": "年度目标值",
    **{f"m{month}": f"{month}月" for month in MONTHS},
    "indicator_type": "指标类型",
    "baseline": "基期值",
    "scope": "口径",
    "source": "数据来源",
    "period": "填报周期",
    "delay": "数据滞后",
    "measure": "举措内容",
    "lead": "牵头单位",
    "partners": "配合单位",
    "month": "计划月度",
    "type": "计划类型",
    "type_name": "类型名称",
    "plan": "计划内容",
}

# What is in a table of people and is counted or shown by the system itself.
SKIPPED = "序号 编号 合计 总计 各月目标值 月度目标值 月度目标 分月目标 分月目标值 目标值分解 月度分解"
_WORDS = {
    "name": "核心指标名称 核心指标 指标名称 指标 量化指标 量化目标 量化目标名称 主要指标",
    "unit": "计量单位 单位",
    "annual_target": "年度目标值 年度目标 全年目标值 全年目标 年目标 年目标值 目标值 年度总目标",
    "indicator_type": "指标类型 指标性质 指标类别",
    "baseline": "基期值 基期 基数 上年基数 上年末值 上年完成值",
    "scope": "口径 指标口径 统计口径 计算口径 指标解释 口径说明",
    "source": "数据来源 来源 数据来源单位",
    "period": "填报周期 周期 填报频次 更新周期 填报频率",
    "delay": "数据滞后 滞后 滞后月数 数据滞后月数",
    "measure": "举措内容 具体举措 举措 改革举措 主要举措 重点举措 工作举措 措施 具体措施 改革措施 举措名称",
    "lead": "牵头单位 责任单位 牵头部门 责任部门",
    "partners": "配合单位 协助单位 参与单位 配合部门 协办单位",
    "month": "计划月度 月度 月份 计划月份 完成时限 完成时间 时间节点 时间 计划时间 完成月份",
    "type": "计划类型 类型 工作类型 计划类别",
    "type_name": "类型名称 其他类型名称",
    "plan": "计划内容 月度计划 月度推进计划 推进计划 工作内容 工作计划 内容 计划 推进计划内容 月度计划内容",
}
_FIELDS = {word: name for name, words in _WORDS.items() for word in words.split()} | dict.fromkeys(SKIPPED.split(), "")
_DIGITS = {digits: number for number, digits in enumerate("一 二 三 四 五 六 七 八 九 十 十一 十二".split(), 1)}
_MONTH = re.compile(r"(?:\d{4}年)?(\d{1,2}|十[一二]?|[一二三四五六七八九])月份?(?:目标值?|计划值?)?")


_QUARTER = re.compile(r"第?([一二三四1-4])季度?(?:末|目标值?|计划值?)?|q([1-4])", re.IGNORECASE)


def quarter_of(text: str) -> str | None:
    """m3 of 一季度: the month in which it ends."""
    match = _QUARTER.fullmatch(normal_form(text))
    number = month_number(match[1] or match[2]) if match else None
    return f"m{3 * number}" if number else None


def month_number(digits: str) -> int | None:
    """3 of "3", "03" and "三"; None beyond the twelve months."""
    number = _DIGITS.get(digits) or (int(digits) if digits.isascii() and digits.isdigit() else 0)
    return number if number in MONTHS else None


def field_of(text: str) -> str | None:
    """The field that a heading names, "" of one that is not read, None of a text that is no heading."""
    key = re.sub(r"\(.*?\)|[*\"'“”‘’「」:]", "", normal_form(text))
    if key in _FIELDS:
        return _FIELDS[key]
    if match := _MONTH.fullmatch(key):
        month = month_number(match[1])
        return f"m{month}" if month else None
    return quarter_of(key)


def bare_month(text: str) -> str | None:
    """The month of a heading that is a number alone, or of one with its word."""
    key = normal_form(text)
    if key.isascii() and key.isdigit() and (month := month_number(key)):
        return f"m{month}"
    found = field_of(text)
    return found if found and found[1:].isdigit() else None


def is_heading(cells: tuple[str, ...]) -> bool:
    """Whether a row names columns."""
    filled = [text for text in cells if text]
    found = [name for name in map(field_of, filled) if name is not None]
    words = {name for name in found if name and not name[1:].isdigit()}
    if len(filled) == 1:
        return bool(words & {"name", "measure"})
    return bool(words) and len(found) >= 2 and len(found) * 2 >= len(filled)
