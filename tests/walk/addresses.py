"""Every address of the product, as everybody: each must have its line in the literal table (`statuses`).

Who is not known is sent to the login page, strangers get what they would get if there were nothing, looking changes
nothing, and every answer carries the headers that browsers need.
"""

import re

from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import URLPattern, get_resolver, reverse

from accounts.audit.entries import AuditEntry, AuditLink
from reform.models import LedgerExport
from tests.walk.statuses import ADMIN, TABLE, VIEWERS

PAGES = "changelist add change history delete".split()

# Files as people sent them.
FILES = ("workflow:download", "workflow:contribution_file", "reform:bulletin_file", "reform:check_file")

# Files as they are seen in place, framed by our own pages.
PREVIEWS = ("workflow:preview", "workflow:contribution_preview")

# What people who are not signed in get elsewhere than at the login page.
OPEN = {"accounts:login": 200, "accounts:session": 401, "accounts:logout": 405}

# Forms about one thing: strangers who send them get 404.
ABOUT_ONE_THING = [
    "editing:edit",
    "editing:new",
    "reform:map_table",
    "workflow:absence_end",
    "workflow:act",
    "workflow:classified",
    "workflow:contribution",
    "workflow:contribution_ask",
    "workflow:discard",
    "workflow:file_remove",
    "workflow:message_follow",
    "workflow:notice_remove",
    "workflow:opinion_remove",
    "workflow:purge",
    "workflow:upload",
]

MISSING = 987_654_321


def addresses():
    """{name: pattern} of every address that has a name."""

    def walk(resolver, namespace, path):
        for part in resolver.url_patterns:
            if isinstance(part, URLPattern):
                yield f"{namespace}{part.name or ''}", f"{path}{part.pattern}"
            else:
                yield from walk(
                    part, f"{namespace}{part.namespace}:" if part.namespace else namespace, f"{path}{part.pattern}"
                )

    return {name: pattern for name, pattern in walk(get_resolver(), "", "/") if not name.endswith(":")}


def expected():
    """{name: {viewer: status}}, the two tables together."""
    table = {name: dict(zip(VIEWERS, map(int, row.split()), strict=True)) for name, row in TABLE.items()}
    for model, open_pages in ADMIN.items():
        for page in {*PAGES, *" ".join(open_pages.values()).split()}:
            table[f"admin:{model}_{page}"] = {
                who: 200 if page in open_pages.get(who, "").split() else 404 for who in VIEWERS
            }
    return table


# What stands in an address, by what the address is about.
SUBJECTS = [
    ("/dossiers/", "project"),
    ("/supervision/letters/", "letter"),
    ("/supervision/raise/", "record"),
    ("/supervision/requests/", "request"),
    ("/supervision/", "matter"),
    ("/projects/", "project"),
    ("/plans/", "plan"),
    ("/maps/", "map"),
    ("/records/", "record"),
    ("/contributions/", "contribution"),
    ("/files/", "file"),
    ("/purges/", "file"),
    ("/messages/", "message"),
    ("/opinions/", "opinion"),
    ("/absences/", "absence"),
    ("/ledgers/", "ledger"),
    ("/bulletins/", "bulletin"),
    ("/kinds/", "kind"),
    ("/office/departments/", "department"),
    ("/office/people/", "user"),
    ("/office/projects/", "project"),
    ("/office/calendar/", "day"),
    ("/office/domains/", "domain"),
    ("/checks/draws/", "draw"),
    ("/checks/", "check"),
    ("/office/task-forces/", "task_force"),
    ("/office/reasons/", "reason"),
    ("/admin/accounts/user/", "user"),
    ("/admin/accounts/department/", "department"),
    ("/admin/admin/logentry/", "entry"),
    ("/admin/axes/accesslog/", "access"),
    ("/admin/axes/accessfailurelog/", "failure"),
    ("/admin/reform/calendarday/", "day"),
    ("/admin/reform/project/", "project"),
    ("/admin/reform/domain/", "domain"),
    ("/admin/reform/taskforce/", "task_force"),
    ("/admin/reform/ledgerexport/", "export"),
    ("/admin/workflow/reasoncategory/", "reason"),
    ("/admin/workflow/event/", "event"),
]


FILE_OF = {
    "workflow:contribution_file": "contributed",
    "workflow:contribution_preview": "contributed",
    "reform:check_file": "check_file",
}


KIND_OF = {"workflow:purge": "attachment"}


def urls(things):
    """{name: address} with the keys of these things in it."""
    found = {}
    for name, pattern in addresses().items():
        subject = next((things[thing] for start, thing in SUBJECTS if pattern.startswith(start)), None)
        values = {
            "pk": things["update"] if name == "workflow:contribution_ask" else subject,
            "name": "projects" if name == "reform:bulletin_figure" else subject,
            "kind": KIND_OF.get(name, "one_page" if name.startswith("reform:pack") else "bulletin"),
            "section": 0,
            "number": 0,
            "year": 2027 if name in ("reform:carry_over", "reform:map_table") else 2026,
            "object_id": subject or MISSING,
            "key": things["project"],
            "event_pk": things["event"],
            "file_pk": things[FILE_OF.get(name, "file")],
            "notice_pk": things["notice"],
            "content_type_id": 1,
            "app_label": "accounts",
        }
        found[name] = reverse(name, kwargs={word: values[word] for word in re.findall(r"<(?:\w+:)?(\w+)>", pattern)})
    return found


def everything():
    """All rows but what a visit leaves by design: the session renewed, and who took a table along or was refused."""
    left_behind = (Session, LedgerExport, AuditEntry, AuditLink)
    models = [model for model in apps.get_models() if model not in left_behind]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


def a_forged_form(cast, record):
    """Everything that some form of the product asks, about things of 市发展改革委."""
    drawn = cast.issued_map()
    return {
        "version": record.version,
        "action": "submit",
        "submit": "",
        "save": "",
        "key": cast.project.pk,
        "record": f"{drawn.pk}:{drawn.version}",
        "summary": "外单位写的",
        "unclassified": "on",
        "classified_title": "外单位登记的",
        "classified_sent_on": "2026-07-01",
        "remove_file": record.attachments.get().pk,
        "message": cast.clerk.messages.first().pk,
    }


def read(response):
    """The answer, to the end of the file if it is one, so that the file is closed."""
    if response.streaming:
        list(response.streaming_content)
    return response


def assert_headers(response, name):
    """What browsers need to be told, on whatever page."""
    policy = response["Content-Security-Policy"]
    if name in FILES and response.status_code == 200:
        assert policy == "sandbox; default-src 'none'"
        assert response["Content-Disposition"].startswith("attachment")
    elif name in PREVIEWS and response.status_code == 200:
        assert policy.startswith("sandbox allow-same-origin allow-downloads; default-src 'none'; ")
        assert "script-src" not in policy
        assert "frame-ancestors 'self'" in policy
    else:
        assert "script-src 'self';" in f"{policy};"
        assert "style-src 'self';" in f"{policy};"
        assert "unsafe" not in policy
        assert {"object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert "no-store" in response["Cache-Control"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    framed = name in PREVIEWS and response.status_code == 200
    assert response["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")
