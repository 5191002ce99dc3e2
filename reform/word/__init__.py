"""Word documents: filled from a .docx template, and checked when somebody uploads one.

A template is a document with names in double braces ({{ period }}, {%p for row in rows %} …, see docxtpl); what holds
links is written {{r name }}. Values are plain: text, numbers, lists and mappings of such, and `Words`.
"""

from .checks import MOST_XML, check_document, check_template
from .filling import BadTemplate, render
from .parts import CONTENT_TYPE
from .values import Link, Words

__all__ = [
    "CONTENT_TYPE",
    "MOST_XML",
    "BadTemplate",
    "Link",
    "Words",
    "check_document",
    "check_template",
    "render",
]
