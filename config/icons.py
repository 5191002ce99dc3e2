"""lucide's tag, each icon drawn once: pages have dozens, and drawing one opens an archive."""

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
register.simple_tag(lru_cache(maxsize=1024)(lucide), name="lucide")
