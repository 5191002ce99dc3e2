"""The dots of the cockpit: thousands, which a loop in a template takes half a second for."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

DOT = '<li><a class="ck-dot is-{}"{} title="{}：{}"><span class="visually-hidden">{}：{}</span></a></li>'


@register.simple_tag
def cockpit_dots(dots, is_linked) -> SafeString:
    rows = (
        (
            dot.colour,
            format_html(' href="{}"', dot.url) if is_linked else "",
            dot.project.name,
            dot.reason,
            dot.project.name,
            dot.word,
        )
        for dot in dots
    )
    return format_html_join("", DOT, rows)
