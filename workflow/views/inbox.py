"""待我审核, 已审核, 我上报的, 审核中, 待下发."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.addresses import client_address
from accounts.compiled_queries import compiled_count
from accounts.listing import ByKeyPaginator, CompiledPaginator, CountedInPartsPaginator, list_context
from accounts.models import User
from accounts.requests import AuthenticatedRequest
from workflow import actions, refusals
from workflow.filters import RecordFilter, WaitingFilter
from workflow.inbox import LAST_DECIDED_FIRST, Listing, listings
from workflow.models import Record, RecordQuerySet
from workflow.texts import parse_pk

MOST_COUNTED = 1000
Doubts = Callable[[Collection[Record], User], dict[int, list[str]]]  # {record: what asks to look at it, in words}


@require_safe
def records(request: AuthenticatedRequest, name: str, doubts: Doubts | None = None) -> HttpResponse:
    """The list of that name, narrowed and paged; 404 for those who have no such list.

    With `doubts`, its records are decided on there, several at once.
    """
    return _page(request, name, doubts)


def _page(
    request: AuthenticatedRequest,
    name: str,
    doubts: Doubts | None,
    ticked: Mapping[int, int] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    own = listings(request.user)
    listing = next((listing for listing in own if listing.name == name), None)
    if listing is None:
        raise Http404
    kind = WaitingFilter if doubts else RecordFilter
    keys = RecordQuerySet.keys_last_decided_first if listing.order == LAST_DECIDED_FIRST else None
    context = filtered_records(request, listing.name, listing.page, listing.without, kind, keys=keys)
    context |= {"listing": listing, "tabs": _tabs(request.user, own, listing, context)}
    context["has_row_actions"] = _offer_row_actions(context["page_obj"], listing.row_action, request.user)
    if doubts:
        context["row_query"] = context["filter"].query
        context["decision"] = bulk_decision(request.user)
        found = doubts(list(context["page_obj"]), request.user)
        for record in context["page_obj"]:
            record.doubts, record.is_ticked = found.get(record.pk, []), ticked.get(record.pk) == record.version
    return render(request, "workflow/records.html", context, status=status)


def _ticked(request: AuthenticatedRequest) -> list[tuple[int, int]]:
    """(record, version) of each "pk:version" that was ticked, in the order of the page."""
    texts = (text.partition(":") for text in dict.fromkeys(request.POST.getlist("record")))
    return [(parse_pk(pk), parse_pk(version)) for pk, _, version in texts]


def bulk_decision(user: User) -> actions.Action:
    """What this reviewer may do to several records at once."""
    name = "approve" if user.is_dept_reviewer else "confirm"
    return next(action for action in actions.ACTIONS if action.name == name)


def _offer_row_actions(rows: Iterable[Any], name: str, user: User) -> bool:
    """Give each row as `row_action` the action of that name, if it is open to this person; whether any has it."""
    if not name:
        return False
    for record in rows:
        record.row_action = next((action for action in actions.available(record, user) if action.name == name), None)
    return any(record.row_action for record in rows)


def _tabs(user: User, own: list[Listing], shown: Listing, context: dict[str, Any]) -> list[tuple[Listing, int | str]]:
    """Each list with its length; the one that is shown in full has been counted already."""
    if len(own) == 1:
        return []
    counted = {} if context["is_narrowed"] else {shown.name: context["page_obj"].paginator.count}
    return [(tab, counted[tab.name] if tab.name in counted else _length(tab, user)) for tab in own]


def _length(tab: Listing, user: User) -> int | str:
    """Of what waits exactly; of what has been dealt with in all the years as far as a tab has room."""
    if tab.is_waiting:
        return compiled_count(tab.name, (), tab.records, user=user)
    number = tab.records(user).order_by().values("pk")[:MOST_COUNTED].count()
    return f"{MOST_COUNTED - 1}+" if number == MOST_COUNTED else number


def filtered_records(
    request: AuthenticatedRequest,
    name: str,
    records: Callable[..., RecordQuerySet],
    without: Sequence[str] = (),
    kind: type[RecordFilter] = RecordFilter,
    *,
    keys: Callable[[RecordQuerySet, User], Any] | None = None,
    parts: Callable[..., list[Any]] | None = None,
    **values: int,
) -> dict[str, Any]:
    """What workflow/_records.html shows: `records(user, **values)` as filtered and paged by the query, by compiled
    queries of that name unless something narrows them; `without` those filters.

    With `parts` these are counted: see CountedInPartsPaginator; of rows that `keys` gives the order of, ByKeyPaginator.
    """
    user = request.user
    paginator: Callable[..., Paginator] = Paginator
    asked = bool(request.GET)  # else the list is whole
    chosen = _record_filter(request, records(user, **values) if asked else Record.objects.none(), without, kind)
    first = keys and (lambda user, **values: keys(records(user, **values), user))
    whole = CompiledPaginator(name, records, user, parts, first, **values)
    if keys:
        paginator = partial(ByKeyPaginator, keys=lambda found: keys(found, user))
    if parts:

        def narrowed() -> Iterable[RecordQuerySet]:
            return map(chosen.filter_queryset, parts(user, **values))

        paginator = partial(CountedInPartsPaginator, parts=narrowed)
    return list_context(request, chosen, paginator, whole=whole)


def records_of(user: User, dossier: int) -> RecordQuerySet:
    """Of the dossier of that key, what was changed last first."""
    records = Record.objects.visible_to(user).filter(dossier=dossier).select_related("dossier__department", "submitter")
    return records.order_by("-updated_at", "-pk")


def filtered_inbox(request: AuthenticatedRequest, records: RecordQuerySet | None = None) -> WaitingFilter:
    """待我审核 as the query narrows it: the query travels from the list to its records, and from one to the next."""
    if records is None:
        records = Record.objects.awaiting(request.user)
    return _record_filter(request, records, ("state",), WaitingFilter)


AnyFilter = TypeVar("AnyFilter", bound=RecordFilter)


def _record_filter(
    request: AuthenticatedRequest, records: RecordQuerySet, without: Sequence[str], kind: type[AnyFilter]
) -> AnyFilter:
    return kind(request.GET, records, user=request.user, without=without)


@require_safe
def desk(request: AuthenticatedRequest) -> HttpResponse:
    """The first of what waits, as the query narrows and orders it; the list where there is nothing."""
    own = next((listing for listing in listings(request.user) if listing.name == "inbox"), None)
    if own is None:
        raise Http404
    narrowed = filtered_inbox(request, own.records(request.user).order_by(*own.order))
    first = narrowed.qs.values_list("pk", flat=True).first()
    return redirect((reverse("workflow:record", args=[first]) if first else own.url) + narrowed.query)


@require_POST
def decide(request: AuthenticatedRequest, doubts: Doubts) -> HttpResponse:
    """通过 or 确认 of all ticked "pk:version", or of none: then each that stands in the way is named."""
    if not any(listing.name == "inbox" for listing in listings(request.user)):
        raise Http404
    action, ticked = bulk_decision(request.user), dict(_ticked(request))
    if not ticked:
        messages.warning(request, f"请先勾选要{action.label}的记录。")
        return _page(request, "inbox", doubts, status=422)
    try:
        done = actions.perform_all(ticked, action.name, request.user, address=client_address(request))
    except refusals.NotAll as stopped:
        messages.error(request, str(stopped))
        shown = (
            Record.objects.visible_to(request.user).select_related("dossier").in_bulk(pk for pk, _ in stopped.refusals)
        )
        for pk, refusal in stopped.refusals:
            which = f"{shown[pk].dossier}（{shown[pk].heading}）：" if pk in shown else ""
            messages.error(request, f"{which}{refusal}")
        return _page(request, "inbox", doubts, ticked, status=409)
    except refusals.ActionRefused as refusal:
        messages.error(request, str(refusal))
        return _page(request, "inbox", doubts, ticked, status=503)
    messages.success(request, f"已{action.label} {len(done)} 件。")
    return redirect(reverse("workflow:inbox") + filtered_inbox(request).query)


@require_POST
def issue(request: AuthenticatedRequest) -> HttpResponse:
    """下发 one or many: each ticked "pk:version" goes through `perform` by itself, and each refusal is told."""
    done = []
    ticked = _ticked(request)
    for pk, version in ticked:
        try:
            done.append(
                actions.perform(
                    pk,
                    "issue",
                    request.user,
                    version,
                    address=client_address(request),
                )
            )
        except Record.DoesNotExist:
            messages.error(request, "有一条记录没有找到，未下发。")
        except refusals.ActionRefused as refusal:
            title = Record.objects.select_related("dossier").get(pk=pk)
            messages.error(request, f"{title.dossier}（{title}）未下发：{refusal}")
    if done:
        names = "、".join(record.dossier.name for record in done)
        messages.success(request, f"已下发 {len(done)} 件：{names}。")
    elif not ticked:
        messages.warning(request, "请先勾选要下发的项目作战图。")
    narrowed = _record_filter(request, Record.objects.awaiting_issue(request.user), ("state",), RecordFilter)
    return redirect(reverse("workflow:issuable") + narrowed.query)
