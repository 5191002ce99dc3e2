"""The one page of every record, and what is done on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.addresses import client_address
from accounts.compiled_queries import compiled_rows
from accounts.models import Department, User
from accounts.requests import AuthenticatedRequest
from workflow import actions, contributions, files, inbox, refusals, rules
from workflow.changes import Branch, compare
from workflow.filters import WaitingFilter
from workflow.forms import DECISIONS, DecisionForm, ticked_items
from workflow.models import Attachment, CommonOpinion, Event, Record, RecordQuerySet, opened_by
from workflow.previews import reader as previews
from workflow.states import UNDER_REVIEW, UNFINISHED, State
from workflow.texts import clean_text, parse_pk
from workflow.views import items
from workflow.views.inbox import bulk_decision, filtered_inbox

DONE = {
    "withdraw": "已撤回，可以修改后重新上报。",
    "approve": "已通过，转市委改革办审核。",
    "take_back": "已撤回部门审核，这条记录重新等待部门审核。",
    "confirm": "已确认。",
    "send_back": "已退回责任单位完善。",
    "reject": "已驳回，责任单位可以看到驳回原因。",
    "issue": "已下发。",
    "void": "已作废，不再办理；流转记录中保留全部情况。",
}


@require_safe
def record(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The record as it is now; while it waits for this reviewer, with the others that wait beside it."""
    return _page(request, _find(request, pk))


@require_safe
def desk_record(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The record without the list beside it, for the script of a page that has the list already."""
    shown = _find(request, pk)
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        return redirect(reverse("workflow:record", args=[pk]) + filtered_inbox(request).query)
    return _page(request, shown, template="workflow/_record.html")


@require_POST
def act(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Do one action to the record as the person saw it. Whatever goes wrong, what was typed is on the page again.

    The button is called `action`, or `action_next` where the next record of the inbox is to follow.
    """
    shown = _find(request, pk)
    name, version = _action_name(request), parse_pk(request.POST.get("version", ""))
    forms = _forms(actions.available(shown, request.user), request.POST, name)
    form = next((form for form in forms if form.is_bound), None)
    if form and version == shown.version and not form.is_valid():
        return _page(request, shown, forms=forms, status=422)
    # Without a form the record has gone on: whether these words have been said already, `perform` knows.
    words = form.cleaned_data if form and form.is_valid() else _typed(request)
    try:
        done = actions.perform(pk, name, request.user, version, address=client_address(request), **words)
    except refusals.Incomplete as incomplete:
        return _page(request, _find(request, pk), problems=incomplete.problems, status=422)
    except refusals.ActionRefused as refusal:
        return _refused(request, pk, refusal)
    repeated = "这项操作刚才已经完成，没有重复办理。" if version != shown.version else ""
    ticked = f"只退勾选的 {len(words['items'])} 项。" if words.get("items") and not repeated else ""
    messages.success(request, f"{done.heading}：{repeated or DONE.get(name, '已办理。')}{ticked}")
    narrowed = filtered_inbox(request)
    following: int | None = pk
    if "action_next" in request.POST:
        following = inbox.next_after(done, narrowed.qs, newest_first=narrowed.is_newest_first)
    address = reverse("workflow:record", args=[following]) if following else reverse("workflow:inbox")
    return redirect(address + narrowed.query)


def _action_name(request: HttpRequest) -> str:
    return request.POST.get("action_next") or request.POST.get("action", "")


def _typed(request: HttpRequest) -> dict[str, Any]:
    """The words of a decision, as they were posted."""
    typed: dict[str, Any] = {name: clean_text(request.POST.get(name, "")) for name in ("reason", "detail")}
    return typed | {"items": ticked_items(request.POST)}


def _forms(
    open_actions: Iterable[actions.Action],
    data: QueryDict | None = None,
    name: str = "",
    initial: dict[str, str] | None = None,
) -> list[DecisionForm]:
    """A form for each action that words go with; the one of that `name` holds what was typed."""
    return [
        DecisionForm(
            data if action.name == name else None, action=action, initial=initial if action.name == name else {}
        )
        for action in open_actions
        if action.name in DECISIONS or action.needs_detail
    ]


@require_POST
def discard(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """删除草稿."""
    shown = _find(request, pk)
    try:
        actions.discard(pk, request.user, parse_pk(request.POST.get("version", "")))
    except refusals.Gone:
        messages.info(request, "这份草稿已经删除，不必重复操作。")
        return redirect("home")
    except refusals.ActionRefused as refusal:
        return _refused(request, pk, refusal)
    messages.success(request, f"已删除草稿：{shown.heading}。")
    return redirect("home")


@require_safe
def snapshot(request: AuthenticatedRequest, pk: int, event_pk: int) -> HttpResponse:
    """查看当时内容: what one submission said, compared with the one before it."""
    shown = _find(request, pk)
    if not rules.may_see_history(shown, request.user):
        raise Http404
    submissions = shown.events.filter(action="submit")
    event = get_object_or_404(submissions, pk=event_pk)
    before = submissions.filter(at__lte=event.at, pk__lt=event.pk).first()
    then: dict[str, Any] = event.snapshot  # type: ignore[assignment]  # submissions have one
    content = compare(then, before.as_earlier() if before else shown.baseline())
    return render(
        request, "workflow/snapshot.html", {"event": event} | _content(shown, content, shown.attachments.all())
    )


def _find(request: AuthenticatedRequest, pk: int) -> Record:
    try:
        return Record.seen_by(request.user, pk)
    except ObjectDoesNotExist as error:  # not there, or discarded between the two questions
        raise Http404 from error


def _refused(request: AuthenticatedRequest, pk: int, refusal: refusals.ActionRefused) -> HttpResponse:
    """The page as it is now, with the sentence on top and the typed words still in their form, or beside it."""
    latest = _find(request, pk)
    typed = _typed(request)
    items = typed.pop("items")
    forms = _forms(actions.available(latest, request.user), name=_action_name(request), initial=typed)
    names = latest.items() if any(items.values()) else {}
    of_items = [f"{names.get(place, '其他')}：{words}" for place, words in items.items() if words]
    loose = "" if any(form.is_open for form in forms) else "\n".join(filter(None, [typed["detail"], *of_items]))
    return _page(request, latest, forms=forms, refusal=refusal, typed=loose, status=409)


def _page(
    request: AuthenticatedRequest,
    shown: Record,
    *,
    forms: list[DecisionForm] | None = None,
    status: int = 200,
    template: str = "workflow/record.html",
    **context: Any,
) -> HttpResponse:
    user = request.user
    open_actions = actions.available(shown, user)
    forms = _forms(open_actions) if forms is None else forms
    decisions = [form for form in forms if form.action.name in DECISIONS]
    with_words = {form.action.name for form in forms}
    place, narrowed = _place(request, shown, bool(decisions))
    may_edit = rules.may_edit(shown, user)
    buttons = [action for action in open_actions if action.name not in with_words | {"submit"}]
    sees_history = rules.may_see_history(shown, user)
    events = compiled_rows(
        "events", (), lambda record: Event.objects.filter(record=record).defer("snapshot"), record=shown.pk
    )
    if not sees_history:
        events = [event for event in events if event.action in Event.SETTLING]
    shown.read_once()
    steps: list[Event | files.Removal] = list(events)
    if sees_history:
        steps = sorted([*events, *files.removals(shown)], key=lambda step: step.at, reverse=True)
        shown.opened = opened_by(events, shown.opened_along)
        _name_people(shown, user)
    content = shown.marked_content(events) if sees_history else shown.settled_content()
    moves_on = shown.state in UNFINISHED or (shown.state == State.CONFIRMED and shown.issuable)
    context |= {
        "decisions": decisions,
        "place": place,
        "inbox_query": narrowed.query if narrowed else "",
        "inbox_is_narrowed": narrowed is not None and narrowed.narrows,
        "opinions": compiled_rows("opinions", (), _opinions, person=user.pk) if decisions else [],
        "void_form": next((form for form in forms if form.action.name == "void"), None),
        "buttons": buttons,
        "edit_url": reverse("editing:edit", args=[shown.pk]) if may_edit else "",
        "may_discard": rules.may_discard(shown, user),
        "why_not": "" if decisions or buttons or may_edit else actions.why_nothing(shown, user),
        "unstaffed": _unreviewed(shown, user) if sees_history else [],
        "steps": steps,
        "sees_history": sees_history,
        "contributions": contributions.shown(shown) if sees_history and shown.takes_contributions else [],
        "is_under_review": shown.state in UNDER_REVIEW,
        "submission": next((event for event in events if event.action == "submit"), None),
        "waiting_since": events[0].at if events and moves_on else None,
        "listing": next(iter(inbox.listings(user)), None),
    }
    if sees_history:
        context |= items.context(request, shown, content, decisions, events)
        content = context["content"]
    if place and template == "workflow/record.html":
        context |= _desk(request, place, narrowed)
    return render(request, template, context | _content(shown, content, shown.evidence[0]), status=status)


def _opinions(person: Any) -> QuerySet[CommonOpinion]:
    return CommonOpinion.objects.filter(person=person)


def _name_people(shown: Record, user: User) -> None:
    """Give the record those who began and submitted it, in one query: often the same, or this person."""
    known = {user.pk: user}
    one, other = shown.creator_id, shown.submitter_id or shown.creator_id
    if {one, other} - known.keys():
        people = compiled_rows("two people", (), _either, one=one, other=other)
        known |= {person.pk: person for person in people}
    shown.creator = known[shown.creator_id]
    shown.submitter = known[shown.submitter_id] if shown.submitter_id else None


def _either(one: Any, other: Any) -> QuerySet[User]:
    return User.objects.filter(Q(pk=one) | Q(pk=other))


def _desk(request: AuthenticatedRequest, place: inbox.Place, narrowed: WaitingFilter | None) -> dict[str, Any]:
    """The list beside a record that waits: what waits as it was narrowed, to choose from and to tick."""
    listing = next(found for found in inbox.listings(request.user) if found.name == "inbox")

    def waiting(person: User) -> RecordQuerySet:
        found = listing.beside(person)
        return filtered_inbox(request, found).qs if narrowed and request.GET else found

    return {
        "desk": inbox.desk_list(place, request.user, waiting, keeps=not request.GET),
        "desk_filter": (narrowed or filtered_inbox(request)).form,
        "desk_decision": bulk_decision(request.user),
    }


def _unreviewed(shown: Record, user: User) -> list[Department]:
    """The record's department, if the record waits there for a reviewer and there is none."""
    if shown.state != State.SUBMITTED or user.is_dept_reviewer:
        return []

    def without_reviewers(department: Any) -> QuerySet[Department]:
        return Department.objects.filter(pk=department).without_reviewers()

    return compiled_rows("unreviewed", (), without_reviewers, department=shown.dossier.department_id)


def _place(
    request: AuthenticatedRequest, shown: Record, waits: bool
) -> tuple[inbox.Place | None, WaitingFilter | None]:
    """The Place of what waits in the inbox as it was narrowed, and what narrows; else in all of it."""
    if not waits:
        return None, filtered_inbox(request) if request.GET else None
    user, waiting, narrowed = request.user, Record.objects.awaiting, filtered_inbox(request)
    if not request.GET:
        return inbox.place(shown, user, waiting, keeps=True), narrowed
    place = inbox.place(shown, user, lambda _: narrowed.qs, newest_first=narrowed.is_newest_first)
    return (place, narrowed) if place else (inbox.place(shown, user, waiting), None)


@dataclass(frozen=True)
class ShownFile:
    """A file of the content: its marked name and status, and the file itself (None: it was thrown away)."""

    item: Branch
    attachment: Attachment | None

    @property
    def is_previewed(self) -> bool:
        """Whether it can be seen in place."""
        return self.attachment is not None and not self.attachment.purged_at and previews.is_shown(self.attachment.name)


def _content(shown: Record, content: Branch, attachments: Iterable[Attachment]) -> dict[str, Any]:
    files = {str(file.pk): file for file in attachments}
    return {
        "record": shown,
        "content": content,
        "body": f"{shown.template_folder}/_body.html",
        "files": [ShownFile(item, files.get(item["id"].now)) for item in content.get("attachments", [])],
    }
