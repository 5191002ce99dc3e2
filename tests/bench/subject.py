"""A process that opens pages of one city and says what each costs; tests.bench.pages asks several in turn.

It writes a line of JSON once it is ready, {role: {name: address}} of all pages with `--walk`, and then one for each
line that it reads.
"""

import json
import logging
import os
import re
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.bench.settings")

from django.conf import settings
from django.test import Client
from django.urls import reverse

import config.wsgi  # noqa: F401 - sets up Django and the garbage collector as the server does
from accounts.models import User
from accounts.roles import Role
from reform.ledgers import LEDGERS
from reform.models import (
    BattleMap,
    Bulletin,
    CalendarDay,
    CoordinationRequest,
    Domain,
    MonthlyPlan,
    SampleDraw,
    SpotCheck,
    SupervisionLetter,
    SupervisionMatter,
    TaskForce,
)
from reform.navigation import KINDS
from tests.bench.cost import is_near, milliseconds, one_process_only
from tests.walk.addresses import MISSING, SUBJECTS, addresses
from workflow.models import Attachment, Event, ReasonCategory, Record
from workflow.states import State

EMPTY = "/bench/empty/"
NOT_WALKED = ("accounts:bookmarked_login", "accounts:login", "accounts:logout", "accounts:resume")


def things(user: User) -> dict[str, object]:
    """What addresses are about, for this person: of their own where there is some."""
    seen = Record.objects.visible_to(user)
    drawn = BattleMap.objects.filter(pk__in=seen.filter(state=State.ISSUED).values("pk")).order_by("-year", "dossier")
    drawn = drawn.first() or BattleMap.objects.filter(state=State.ISSUED).order_by("-year", "dossier").first()
    file = Attachment.objects.filter(record__in=seen, removed_at=None).order_by("pk").first()
    event = Event.objects.filter(record__in=seen, action="submit").order_by("pk").first()
    first = {
        "letter": SupervisionLetter.objects.order_by("pk"),
        "matter": SupervisionMatter.objects.order_by("pk"),
        "request": CoordinationRequest.objects.order_by("pk"),
        "bulletin": Bulletin.objects.order_by("-pk"),
        "draw": SampleDraw.objects.order_by("pk"),
        "check": SpotCheck.objects.order_by("pk"),
        "day": CalendarDay.objects.order_by("pk"),
        "domain": Domain.objects.order_by("pk"),
        "task_force": TaskForce.objects.order_by("pk"),
        "reason": ReasonCategory.objects.order_by("pk"),
        "message": user.messages.order_by("pk"),
    }
    return {name: found.values_list("pk", flat=True).first() or MISSING for name, found in first.items()} | {
        "project": drawn.dossier_id,
        "map": drawn.pk,
        "plan": MonthlyPlan.objects.filter(measure__battle_map=drawn).order_by("pk").values_list("pk", flat=True)[0],
        "record": event.record_id if event else MISSING,
        "event": event.pk if event else MISSING,
        "file": file.pk if file else MISSING,
        "file_record": file.record_id if file else MISSING,
        "user": user.pk,
        "department": user.department_id,
        "year": drawn.year,
    }


def variants(name: str, user: User) -> list[tuple[str, dict]]:
    """(label, what else stands in the address): each kind's pages, each ledger."""
    if name == "reform:ledger":
        return [(f"{name} {ledger.name}", {"name": ledger.name}) for ledger in LEDGERS]
    kinds = [(model._meta.model_name, model._meta.label_lower) for model, _, _ in KINDS]
    if name == "reform:kind":
        return [(f"{name} {short}", {"name": short}) for short, _ in kinds]
    records = Record.objects.visible_to(user).order_by("pk")
    if name == "workflow:record":
        found = [(short, records.filter(kind=label, state=State.CONFIRMED).first()) for short, label in kinds]
        return [(f"{name} {short}", {"pk": record.pk}) for short, record in found if record]
    if name == "editing:edit":
        found = [(short, records.filter(kind=label, state__in=[State.DRAFT, State.RETURNED])) for short, label in kinds]
        rows = [(short, own.filter(dossier__department=user.department_id).first()) for short, own in found]
        return [(f"{name} {short}", {"pk": record.pk}) for short, record in rows if record]
    return [(name, {})]


def pages(user: User) -> dict[str, str]:
    """{label: address} of what may be a page of theirs."""
    about, found = things(user), {EMPTY: EMPTY}
    for name, pattern in addresses().items():
        if name in NOT_WALKED or pattern.startswith(("/admin/jsi18n", "/admin/r/", "/bench/")):
            continue
        subject = next((about.get(thing, MISSING) for start, thing in SUBJECTS if pattern.startswith(start)), MISSING)
        values = {
            "pk": subject,
            "name": "projects",
            "kind": "one_page" if name.startswith("reform:pack") else "bulletin",
            "section": 0,
            "number": 0,
            "year": about["year"],
            "object_id": subject,
            "key": about["project"],
            "event_pk": about["event"],
            "file_pk": about["file"],
            "notice_pk": MISSING,
            "content_type_id": 1,
            "app_label": "accounts",
        }
        if name in ("workflow:download", "workflow:preview"):
            values["pk"] = about["file"]
        for label, more in variants(name, user):
            words = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
            found[label] = reverse(name, kwargs={word: (values | more)[word] for word in words})
    return found


def person(role: str) -> User | None:
    return User.objects.filter(role=role, is_active=True, must_change_password=False).order_by("pk").first()


def read(client: Client, address: str) -> int:
    answer = client.get(address)
    b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code


def main(*, walks: bool) -> None:
    if not is_near():
        sys.exit("The processor time of the database cannot be read: it runs on another machine.")
    logging.disable()  # most addresses are not everybody's
    one_process_only()
    clients, opened = {}, {}
    for role in Role.values:
        if user := person(role):
            clients[role] = client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0], raise_request_exception=False)
            client.force_login(user)
            found = pages(user) if walks else {}
            opened[role] = {name: address for name, address in found.items() if read(client, address) == 200}
    answer(opened)
    for line in sys.stdin:
        role, address = json.loads(line)

        def open_page(role=role, address=address) -> None:
            if (status := read(clients[role], address)) != 200:
                sys.exit(f"{role} {address}: {status}")

        answer(milliseconds(open_page))


def answer(found: object) -> None:
    print(json.dumps(found), flush=True)  # noqa: T201 - to who asked


if __name__ == "__main__":
    main(walks="--walk" in sys.argv)
