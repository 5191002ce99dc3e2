"""Every address of the product, as everybody: one literal table, in which each address must have its line.

Who is not known is sent to the login page, strangers get what they would get if there were nothing, looking changes
nothing, and every answer carries the headers that browsers need.
"""

import re

from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import URLPattern, get_resolver, reverse

from accounts.audit.entries import AuditEntry, AuditLink
from reform.models import LedgerExport

VIEWERS = "clerk reviewer office partner stranger admin auditor".split()

# What a visit answers to each of them, in this order. Everything is 市发展改革委's; the record came back to its clerk,
# so that its partner does not see it yet. 405: the address takes forms alone.
TABLE = {
    "accounts:bookmarked_login": "302 302 302 302 302 302 302",
    "accounts:login": "302 302 302 302 302 302 302",
    "accounts:logout": "405 405 405 405 405 405 405",
    "accounts:password_change": "200 200 200 200 200 200 200",
    "accounts:profile": "200 200 200 200 200 200 200",
    "accounts:resume": "302 302 302 302 302 302 302",
    "accounts:session": "200 200 200 200 200 200 200",
    "home": "200 200 200 200 200 200 200",
    "reform:help": "200 200 200 200 200 200 200",
    "reform:help_here": "200 200 200 200 200 200 200",
    "reform:tour_seen": "405 405 405 405 405 405 405",
    "reform:projects": "200 200 200 200 200 200 200",
    "reform:carry_over": "200 404 404 404 404 404 404",
    "reform:map_table": "200 404 404 404 404 404 404",
    "reform:map_import": "200 404 200 200 200 404 404",
    "reform:map_preview": "302 404 302 302 302 404 404",
    "reform:map_hidden": "405 404 405 405 405 404 404",
    "reform:map_errors": "302 404 302 302 302 404 404",
    "reform:map_give_up": "405 404 405 405 405 404 404",
    "reform:map_template": "200 404 200 200 200 404 404",
    "reform:project": "200 200 200 200 404 404 404",
    "reform:plan": "200 200 200 200 404 404 404",
    "reform:iterations": "200 200 200 200 404 404 404",
    "reform:map": "200 200 200 200 404 404 404",
    "reform:map_excel": "200 200 200 200 404 404 404",
    "reform:audit": "404 404 404 404 404 404 200",
    "reform:audit_check": "405 405 405 405 405 405 405",
    "reform:audit_export": "405 405 405 405 405 405 405",
    "reform:burden": "404 404 200 404 404 404 404",
    "reform:burden_export": "405 405 405 405 405 405 405",
    "reform:month": "200 404 404 200 200 404 404",
    "reform:month_end": "404 404 200 404 404 404 404",
    "reform:phone": "405 405 405 405 405 405 405",
    "reform:late_list": "405 405 405 405 405 405 405",
    "reform:unreported": "404 404 302 404 404 404 404",
    "reform:cockpit": "404 404 200 404 404 404 404",
    "reform:cockpit_page": "404 404 404 404 404 404 404",  # of whom, the query says
    "reform:cockpit_page_word": "404 404 404 404 404 404 404",
    "reform:urge": "405 405 405 405 405 405 405",
    "reform:checks": "404 404 200 404 404 404 404",
    "reform:sample": "404 404 200 404 404 404 404",
    "reform:draw": "404 404 200 404 404 404 404",
    "reform:check": "200 200 200 404 404 404 404",
    "reform:check_file": "200 200 200 404 404 404 404",
    "reform:check_pick": "405 405 405 405 405 405 405",
    "reform:dossier": "302 302 302 302 404 404 404",
    "reform:matters": "200 200 200 200 200 404 404",
    "reform:requests": "200 200 200 200 200 404 404",
    "reform:request": "200 200 200 404 404 404 404",
    "reform:raise": "405 405 405 405 405 405 405",
    "reform:problems": "200 200 200 200 200 404 404",
    "reform:matter_add": "404 404 200 404 404 404 404",
    "reform:meeting_list": "404 404 200 404 404 404 404",
    "reform:letters": "200 200 200 200 200 404 404",
    "reform:letter": "200 200 200 404 404 404 404",
    "reform:letter_write": "404 404 200 404 404 404 404",
    "reform:matter": "200 200 200 200 404 404 404",
    "reform:matter_act": "405 405 405 405 405 405 405",
    "reform:matter_urge": "405 405 405 405 405 405 405",
    "reform:light_rule": "404 404 200 404 404 404 404",
    "reform:ledgers": "200 200 200 200 200 404 404",
    "reform:search": "200 200 200 200 200 404 404",
    "reform:ledger": "200 200 200 200 200 404 404",
    "reform:ledger_export": "405 405 405 405 405 405 405",
    "reform:plan_sheet_take": "405 404 404 405 405 404 404",
    "reform:plan_sheet_import": "200 404 404 200 200 404 404",
    "reform:plan_sheet_preview": "302 404 404 302 302 404 404",
    "reform:plan_sheet_hidden": "405 404 404 405 405 404 404",
    "reform:plan_sheet_errors": "302 404 404 302 302 404 404",
    "reform:plan_sheet_give_up": "405 404 404 405 405 404 404",
    "reform:target_sheet_take": "405 404 404 405 405 404 404",
    "reform:target_sheet_import": "200 404 404 200 200 404 404",
    "reform:target_sheet_preview": "302 404 404 302 302 404 404",
    "reform:target_sheet_hidden": "405 404 404 405 405 404 404",
    "reform:target_sheet_errors": "302 404 404 302 302 404 404",
    "reform:target_sheet_give_up": "405 404 404 405 405 404 404",
    "reform:bulletins": "200 200 200 200 200 404 404",
    "reform:bulletin_make": "404 404 200 404 404 404 404",
    "reform:word_templates": "404 404 200 404 404 404 404",
    "reform:word_template": "404 404 200 404 404 404 404",
    "reform:word_template_replace": "405 405 405 405 405 405 405",
    "reform:word_template_restore": "405 405 405 405 405 405 405",
    "reform:bulletin": "200 200 200 200 200 404 404",
    "reform:bulletin_word": "404 404 200 404 404 404 404",
    "reform:bulletin_renew": "405 405 405 405 405 405 405",
    "reform:bulletin_discard": "405 405 405 405 405 405 405",
    "reform:bulletin_issue": "405 405 405 405 405 405 405",
    "reform:bulletin_file": "200 200 200 200 200 404 404",
    "reform:bulletin_table": "404 404 200 404 404 404 404",
    "reform:bulletin_figure": "200 200 200 200 200 404 404",
    "reform:pack": "404 404 200 404 404 404 404",
    "reform:pack_word": "404 404 200 404 404 404 404",
    "reform:experiences": "200 200 200 200 200 404 404",
    "reform:kind": "200 200 200 200 200 404 404",
    "editing:new": "200 404 404 404 404 404 404",
    "editing:edit": "200 302 302 404 404 404 404",
    "workflow:inbox": "404 200 200 404 404 404 404",
    "workflow:desk": "404 302 302 404 404 404 404",
    "workflow:absences": "200 200 200 200 200 404 404",
    "workflow:absence_end": "405 405 405 405 405 405 405",
    "workflow:opinions": "404 200 200 404 404 404 404",
    "workflow:opinion_remove": "405 405 405 405 405 405 405",
    "workflow:reviewed": "404 200 200 404 404 404 404",
    "workflow:submitted": "200 404 404 200 200 404 404",
    "workflow:issuable": "404 404 200 404 404 404 404",
    "workflow:decide": "405 405 405 405 405 405 405",
    "workflow:issue": "405 405 405 405 405 405 405",
    "workflow:messages": "200 200 200 200 200 200 200",
    "workflow:messages_read": "405 405 405 405 405 405 405",
    "workflow:message_follow": "405 405 405 405 405 405 405",
    "workflow:record": "200 200 200 404 404 404 404",
    "workflow:desk_record": "302 302 302 404 404 404 404",
    "workflow:snapshot": "200 200 200 404 404 404 404",
    "workflow:act": "405 405 405 405 405 405 405",
    "workflow:discard": "405 405 405 405 405 405 405",
    "workflow:upload": "405 405 405 405 405 405 405",
    "workflow:file_remove": "405 405 405 405 405 405 405",
    "workflow:classified": "405 405 405 405 405 405 405",
    "workflow:notice_remove": "405 405 405 405 405 405 405",
    "workflow:download": "200 200 200 404 404 404 404",
    "workflow:preview": "200 200 200 404 404 404 404",
    "workflow:contributions": "200 200 404 200 200 404 404",
    "workflow:contribution": "404 404 404 200 404 404 404",
    "workflow:contribution_file": "404 404 404 200 404 404 404",
    "workflow:contribution_preview": "404 404 404 200 404 404 404",
    "workflow:contribution_ask": "200 302 302 404 404 404 404",
    "accounts:departments": "404 404 200 404 404 200 404",
    "accounts:department_add": "404 404 404 404 404 200 404",
    "accounts:department": "404 404 200 404 404 200 404",
    "accounts:people": "404 404 404 404 404 200 404",
    "accounts:person_add": "404 404 404 404 404 200 404",
    "accounts:person": "404 404 404 404 404 200 404",
    "accounts:person_reset": "404 404 404 404 404 405 404",
    "reform:base_infos": "404 404 200 404 404 404 404",
    "reform:base_info_add": "404 404 200 404 404 404 404",
    "reform:base_info": "404 404 200 404 404 404 404",
    "reform:base_info_delete": "404 404 405 404 404 404 404",
    "reform:base_info_export": "404 404 405 404 404 404 404",
    "reform:base_info_import": "404 404 200 404 404 404 404",
    "reform:base_info_preview": "404 404 302 404 404 404 404",
    "reform:base_info_give_up": "404 404 405 404 404 404 404",
    "reform:base_info_template": "404 404 200 404 404 404 404",
    "reform:base_info_hidden": "404 404 405 404 404 404 404",
    "reform:base_info_errors": "404 404 302 404 404 404 404",
    "reform:department_merge": "404 404 404 404 404 200 404",
    "reform:department_split": "404 404 404 404 404 200 404",
    "reform:person_handover": "404 404 404 404 404 200 404",
    "reform:department_import": "404 404 404 404 404 200 404",
    "reform:department_preview": "404 404 404 404 404 302 404",
    "reform:department_hidden": "404 404 404 404 404 405 404",
    "reform:department_errors": "404 404 404 404 404 302 404",
    "reform:department_give_up": "404 404 404 404 404 405 404",
    "reform:department_template": "404 404 404 404 404 200 404",
    "reform:person_import": "404 404 404 404 404 200 404",
    "reform:person_preview": "404 404 404 404 404 302 404",
    "reform:person_hidden": "404 404 404 404 404 405 404",
    "reform:person_errors": "404 404 404 404 404 302 404",
    "reform:person_give_up": "404 404 404 404 404 405 404",
    "reform:person_template": "404 404 404 404 404 200 404",
    "reform:calendar": "404 404 200 404 404 404 404",
    "reform:calendar_import": "404 404 200 404 404 404 404",
    "reform:calendar_template": "404 404 200 404 404 404 404",
    "reform:calendar_day_add": "404 404 200 404 404 404 404",
    "reform:calendar_day": "404 404 200 404 404 404 404",
    "reform:calendar_day_delete": "404 404 405 404 404 404 404",
    "reform:calendar_year": "404 404 200 404 404 404 404",
    "reform:calendar_complete": "404 404 405 404 404 404 404",
    "reform:domains": "404 404 200 404 404 404 404",
    "reform:domain_add": "404 404 200 404 404 404 404",
    "reform:domain": "404 404 200 404 404 404 404",
    "reform:domain_delete": "404 404 405 404 404 404 404",
    "reform:task_forces": "404 404 200 404 404 404 404",
    "reform:task_force_add": "404 404 200 404 404 404 404",
    "reform:task_force": "404 404 200 404 404 404 404",
    "reform:task_force_delete": "404 404 405 404 404 404 404",
    "workflow:reasons": "404 404 200 404 404 404 404",
    "workflow:reason_add": "404 404 200 404 404 404 404",
    "workflow:reason": "404 404 200 404 404 404 404",
    "admin:index": "404 404 200 404 404 200 200",
    "admin:app_list": "404 404 200 404 404 200 404",
    "admin:autocomplete": "404 404 404 404 404 404 404",
    "admin:jsi18n": "404 404 200 404 404 200 200",
    "admin:login": "404 404 302 404 404 302 302",
    "admin:logout": "404 404 405 404 404 405 405",
    "admin:password_change": "404 404 302 404 404 302 302",
    "admin:password_change_done": "404 404 302 404 404 302 302",
    "admin:view_on_site": "404 404 404 404 404 404 404",
}

# The admin's pages of each model that open to anybody; all the others answer 404 to everybody.
ADMIN = {
    "accounts_department": {"office": "changelist change history", "admin": "changelist add change history"},
    "accounts_user": {"admin": "changelist add change history"},
    "admin_logentry": {"auditor": "changelist change history"},
    "axes_accesslog": {"auditor": "changelist change history"},
    "axes_accessfailurelog": {"auditor": "changelist change history"},
    "workflow_event": {"auditor": "changelist change history"},
    "reform_ledgerexport": {"auditor": "changelist change history"},
    "workflow_reasoncategory": {"office": "changelist add change history"},
    "reform_domain": {"office": "changelist add change history"},
    "reform_taskforce": {"office": "changelist add change delete history"},  # the one here is not in use
    "reform_project": {"office": "changelist add change history"},
    "reform_calendarday": {"office": "changelist add change delete history"},
}
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


def urls(things):
    """{name: address} with the keys of these things in it."""
    found = {}
    for name, pattern in addresses().items():
        subject = next((things[thing] for start, thing in SUBJECTS if pattern.startswith(start)), None)
        values = {
            "pk": things["update"] if name == "workflow:contribution_ask" else subject,
            "name": "projects" if name == "reform:bulletin_figure" else subject,
            "kind": "one_page" if name.startswith("reform:pack") else "bulletin",
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
