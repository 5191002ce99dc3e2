"""The dots of the cockpit: thousands, which a loop in a template takes half a second for."""

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

DOT = '<li><a class="ck-dot is-{}" href="{}" title="{}"><span class="visually-hidden">{}</span></a></li>'
UNLINKED_DOT = DOT.replace(' href="{}"', "")


@register.simple_tag
def cockpit_dots(dots, is_linked) -> SafeString:
    texts = ((dot, f"{dot.project.name}：{dot.reason}", f"{dot.project.name}：{dot.word}") for dot in dots)
    if is_linked:
        return format_html_join("", DOT, ((dot.colour, dot.url, title, text) for dot, title, text in texts))
    return format_html_join("", UNLINKED_DOT, ((dot.colour, title, text) for dot, title, text in texts))
