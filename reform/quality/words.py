"""What a remark says of its number: lagging, done, nothing, an amount; and where the number says otherwise."""

import re
from collections.abc import Iterator
from decimal import Decimal

from reform.indicators import INCREMENTS, IndicatorType, Progress, QualitativeState
from workflow.formats import plain

BEHIND = re.compile(r"(低于预期|低于计划|进度滞后|进展滞后|进展缓慢|进度偏慢|未达预期|未完成目标|未达目标|未达到目标)")
AHEAD = re.compile(r"(超额完成|提前完成|超出预期|高于预期|超过目标|完成目标任务|达到目标|达到序时)")
NOTHING = re.compile(r"(没有进展|暂无进展|无进展|没有新增|无新增|尚未启动|没有发生)")
DENIED = re.compile(  # what stands before it in its clause
    r"(?:(?:没有|未出现|未发生|不存在|避免|防止|杜绝|如果|如出现)[^，。；、,;!！?？\n]{0,6}|[不未没无非])$"
)
THIS_MONTH = re.compile(
    r"(?:本月|当月|本期|本季度)(?:实际)?(?:新增|完成|办理|实现|达到|为|共)*\s*([0-9][0-9,，]*(?:\.[0-9]+)?)\s*([^\s，。；、,;0-9]{1,6})"
)


def contradictions(remark: str, found: Progress, value: Decimal | None, unit: str) -> Iterator[str]:
    """Sentences on what the remark says otherwise; `found` is the progress with the value."""
    if not remark.strip():
        return
    if found.type == IndicatorType.QUALITATIVE:
        yield from _of_state(remark, found.state)
        return
    if value is None:
        return
    planned = found.target is not None and (found.target != 0 or found.type != IndicatorType.CUMULATIVE)
    amount = "累计进度" if found.type in INCREMENTS else "本期数值"
    if (phrase := _first_match(BEHIND, remark)) and planned and found.reached:
        yield f"备注说“{phrase}”，{amount} {plain(found.amount)} 已达到目标 {plain(found.target)}。"
    elif (phrase := _first_match(AHEAD, remark)) and planned and not found.reached:
        yield f"备注说“{phrase}”，{amount} {plain(found.amount)} 未达到目标 {plain(found.target)}。"
    if (phrase := _first_match(NOTHING, remark)) and value and amount == "累计进度":
        yield f"备注说“{phrase}”，本期填 {plain(value)}。"
    for number, what in THIS_MONTH.findall(remark):
        amount_named = Decimal(number.replace(",", "").replace("，", ""))
        if unit and what.startswith(unit) and amount_named not in (abs(value), value):
            yield f"备注说本期 {plain(amount_named)}{unit}，填报的是 {plain(value)}。"
            return


def _of_state(remark: str, state: str) -> Iterator[str]:
    if state == QualitativeState.ACHIEVED and (phrase := _first_match(BEHIND, remark) or _first_match(NOTHING, remark)):
        yield f"进展状态为“已达成”，备注说“{phrase}”。"
    if state == QualitativeState.BEHIND and (phrase := _first_match(AHEAD, remark)):
        yield f"进展状态为“滞后”，备注说“{phrase}”。"


def _first_match(words: re.Pattern[str], remark: str) -> str:
    """The first of the words that the remark says and does not deny; "" if none."""
    return next((at[1] for at in words.finditer(remark) if not DENIED.search(remark[: at.start()])), "")
