"""机构调整, as the administrator carries it out, and what it leaves."""

from django.contrib.admin.models import LogEntry

LIST = "/office/departments/"


def page(department, what="merge"):
    return f"{LIST}{department.pk}/{what}/"


def carry_out(client, address, **choice):
    """The choice, and its preview confirmed."""
    shown = client.post(address, choice)
    assert shown.status_code == 200, shown.content.decode()
    return client.post(address, choice | {"token": shown.context["handover"].token, "accepted": "on"}, follow=True)


def merge(client, source, target):
    return carry_out(client, page(source), target=target.pk)


def split(client, source, projects=(), people=(), **target):
    chosen = {"projects": [one.pk for one in projects], "people": [one.pk for one in people]}
    return carry_out(client, page(source, "split"), **chosen, **target)


def duties(user):
    return {str(held.content_object) for held in user.entrustments.select_related("content_object")}


def history_of(thing):
    found = LogEntry.objects.filter(object_id=thing.pk, content_type__model=thing._meta.model_name)
    return [entry.get_change_message() for entry in found]
