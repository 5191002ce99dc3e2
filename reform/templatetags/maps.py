"""The cells of a map, months by rows: a loop in a template takes longer for hundreds of them than all its queries."""

from collections.abc import Iterable, Sequence
from html import escape

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from reform.maps.bars import Bar
from reform.maps.picture import Card, Chip

register = template.Library()

UNCHOSEN = "未选类型"
LONGEST_TYPE = 6  # letters, which a chip writes closer together
NOW = ' class="is-now"'


@register.simple_tag
def map_figures(values: Sequence[object], this_month: int | None) -> SafeString:
    """The cells of a line of the year's figures."""
    return SafeString(
        "".join(
            f'<td class="num{" is-now" if month == this_month else ""}">{escape(str(value))}</td>'
            for month, value in enumerate(values, 1)
        )
    )


@register.simple_tag
def map_bars(card: Card, this_month: int | None) -> SafeString:
    """The bars of an indicator that adds up, each with its month."""
    return SafeString("\n".join(_bar(bar, bar.month == this_month) for bar in card.drawn_bars))


def _bar(bar: Bar, is_now: bool) -> str:
    x, target, actual = bar.x, bar.target_box, bar.actual_box
    return (
        f'<g>\n<title>{escape(bar.words)}</title>\n<rect class="bar-ground" x="{x}" y="0" width="27" height="46"/>'
        f"\n{_box('target', x, target) if target else ''}\n{_box(bar.colour, x, actual) if actual else ''}"
        f"\n{_month(bar, is_now)}\n</g>"
    )


def _box(name: str, x: str, box: tuple[str, str]) -> str:
    return f'<rect class="bar-{name}" x="{x}" y="{box[0]}" width="27" height="{box[1]}" rx="2"/>'


def _month(bar: Bar, is_now: bool) -> str:
    classes = "bar-month is-now" if is_now else "bar-month"
    return f'<text class="{classes}" x="{bar.middle}" y="59" text-anchor="middle">{bar.month}</text>'


@register.simple_tag
def map_plans(months: Iterable[tuple[int, list[Chip]]], this_month: int | None) -> SafeString:
    """The cells of a measure with their plans, and why each has its light."""
    return SafeString(
        "\n".join(
            f"<td{NOW if month == this_month else ''}{_month_of(month) if chips else ''}>\n"
            f"{''.join(_plan(chip) for chip in chips)}</td>"
            for month, chips in months
        )
    )


def _month_of(month: int) -> str:
    """What stands over the plans where the months are no columns: on narrow paper."""
    return f' data-label="{month}月"'


def _plan(chip: Chip) -> str:
    plan, light = chip.plan, chip.light
    label, word = plan.type_label, escape(light.word)
    narrow = ' class="plan-type"' if len(label) == LONGEST_TYPE else ""
    # A number stays with its unit where the words take two lines.
    escaped = [escape(each).replace(" 个", "\u00a0个") for each in chip.words]
    words = "".join(f'<span class="plan-word">{each}</span>' for each in escaped)
    hidden = "" if light.is_warning else f'<span class="visually-hidden">，{word}</span>'
    contents = "".join(
        f'<span class="plan-content">{escape(text)}</span>' for text in (chip.marks.words, plan.content) if text
    )
    return (
        f'<div class="plan">\n<a class="plan-chip is-{light.colour}" href="{reverse("reform:plan", args=[plan.pk])}"'
        f' aria-describedby="why-{plan.pk}"><span{narrow}>{escape(label or UNCHOSEN)}</span>{words}{hidden}</a>\n'
        f'<span class="plan-why" role="tooltip" id="why-{plan.pk}"><b>{word}</b> {escape(light.why)}{contents}</span>\n'
        "</div>\n"
    )
