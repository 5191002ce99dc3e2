"""The page of a record, as tests ask for it and read it."""

import re

from django.contrib.messages import get_messages
from django.urls import reverse

from workflow.models import Record


def address(record, name="record", *args):
    return reverse(f"workflow:{name}", args=[record.pk, *args])


def now(record):
    return Record.objects.get(pk=record.pk)


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def words(page):
    """The page without tags, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
