"""The pages of 配合材料, as the lead and its partner fill them in, and what they are told."""

from datetime import date

from django.urls import reverse

from tests.editing import fields_of, reloaded
from workflow.models import Contribution

DAY = date(2026, 7, 20)
STATUS = Contribution.Status


def page_of(asked):
    return reverse("workflow:contribution", args=[asked.pk])


def fill(client, asked, text, button="save", **more):
    return client.post(page_of(asked), {"text": text, "version": reloaded(asked).version, button: "1"} | more)


def press(client, update, what, contribution):
    """A button on the edit page of the update."""
    return client.post(
        reverse("editing:edit", args=[update.pk]), fields_of(update) | {"contribution": f"{what}-{contribution.pk}"}
    )


def told(person):
    return list(person.messages.order_by("pk").values_list("text", flat=True))


def texts(response):
    return response.content.decode()
