"""工作台: what waits for this person, what they have in hand, and what came back and why."""

from dataclasses import replace

from django.apps import apps
from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery, prefetch_related_objects
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.compiled_queries import compiled_count, compiled_rows
from accounts.models import Department
from reform.calendar import unknown_years
from reform.models import BattleMap, PlanUpdate, Project, SupervisionReport, TargetUpdate
from reform.reporting.counts import TO_CONTRIBUTE, TO_ISSUE, counts_of
from reform.reporting.in_hand import own_counts
from reform.reporting.review_time import overdue_before
from reform.reporting.work_items import work_items
from workflow.models import OLDEST_FIRST, Contribution, Dossier, Event, Record
from workflow.states import State

from .cards import SHOWN, Card, Row, Tile
from .situation import situation
from .tours import tour

DUE_SHOWN = 3  # of each kind
MOST_IN_HAND = 50


@require_safe
def home(request):
    """What this role has to do, newest trouble first."""
    user = request.user
    if user.is_display:
        return redirect("reform:cockpit")
    tiles, cards = [], []
    if user.is_clerk:
        tiles, cards = _clerk(user, counts_of(request))
    elif user.is_reviewer:
        tiles, cards = _reviewer(user, counts_of(request))
    if user.is_department_staff:
        cards += _shared(user)
    _name_principals(cards, user)
    unknown = unknown_years() if user.is_office_reviewer else []
    context = {"tiles": tiles, "cards": cards, "unknown_years": unknown, "unstaffed": _unstaffed(user)}
    context["tour"] = tour(user, again="tour" in request.GET)
    return render(request, "reform/home.html", context)


def _name_principals(cards, user):
    """Say of what waits in whose place this person does it."""
    names = user.principal_names
    for card in cards if names else ():
        card.rows[:] = [
            replace(row, note=f"{row.note} · 代{names[row.department]}办理") if row.department in names else row
            for row in card.rows
        ]


def _unstaffed(user):
    """The departments with projects that nobody enters or reviews, as far as they are this person's business."""

    def unstaffed(person):
        departments = Department.objects.all()
        if person.reads_records:
            departments = departments.filter(pk__in=person.assigned_department_ids)
        return departments.unstaffed().filter(Exists(Project.objects.filter(department=OuterRef("pk"))))

    is_concerned = user.is_clerk or user.is_office_reviewer or user.has_perm("accounts.change_user")
    return compiled_rows("unstaffed", (), unstaffed, user=user) if is_concerned else []


def _clerk(user, waiting):
    """What is counted is not asked for where there is none of it."""
    number_of_drafts, number_back, under_review = own_counts(user)
    came_back, drafts = [], []
    if number_back:
        came_back = compiled_rows(
            "came back", (), lambda person: _in_hand(person).exclude(state=State.DRAFT)[:MOST_IN_HAND], user=user
        )
        decisions = Event.objects.filter(action__in=Event.REJECTIONS)
        prefetch_related_objects(came_back, Prefetch("events", decisions, to_attr="decisions"))
    if number_of_drafts:
        drafts = compiled_rows(
            "drafts", (), lambda person: _in_hand(person).filter(state=State.DRAFT)[:MOST_IN_HAND], user=user
        )
    tiles = [
        Tile("退回、驳回待修改", number_back, "#came-back", is_waiting=True),
        *(
            Tile(
                label,
                waiting[model._meta.label_lower],
                reverse("reform:kind", args=[model._meta.model_name]),
                is_waiting=True,
            )
            for label, model in (
                ("待绘制作战图", BattleMap),
                ("待更新进度值", TargetUpdate),
                ("待更新月度计划", PlanUpdate),
                *([("待报办理反馈", SupervisionReport)] if waiting[SupervisionReport._meta.label_lower] else []),
            )
        ),
        Tile("草稿", number_of_drafts, "#drafts"),
        Tile("审核中", under_review, reverse("workflow:under_review")),
    ]
    due = [
        _to_report(item, model)
        for model in (TargetUpdate, PlanUpdate, SupervisionReport, BattleMap)
        if waiting[model._meta.label_lower]
        for item in work_items(model, user).first_due(DUE_SHOWN)
    ]
    done = compiled_rows("settled", (), _settled_last, user=user)
    return tiles, [
        Card(
            "退回、驳回",
            [_line(record, edit=True, decision=next(iter(record.decisions), None)) for record in came_back],
            "没有被退回或驳回的记录。",
            note=_first_of(number_back),
            action="修改",
            anchor="came-back",
        ),
        *(_to_contribute(user) if waiting[TO_CONTRIBUTE] else []),
        Card(
            "待填报",
            due,
            "目前没有到期的填报事项。",
            note="每类列出最先要报的几项，其余在左侧各栏",
            tiles=[_all_at_once(waiting)],
        ),
        Card(
            "草稿",
            [_line(record, edit=True) for record in drafts],
            "没有草稿。",
            note=_first_of(number_of_drafts),
            action="继续填写",
            anchor="drafts",
        ),
        Card("最近办结", [_line(record, waits=False) for record in done], "还没有办结的记录。"),
    ]


def _in_hand(user):
    return _listed(Record.objects.in_hand(user))


def _settled_last(user):
    """Looked for in the projects where something was settled last: an index has that, and they are few."""
    last = Record.objects.settled().filter(dossier=OuterRef("pk")).order_by("-updated_at", "-pk")
    projects = Dossier.objects.filter(department__in=user.assigned_department_ids).order_by(
        Subquery(last.values("updated_at")[:1]).desc(nulls_last=True), Subquery(last.values("pk")[:1]).desc()
    )
    return _listed(Record.objects.settled().filter(dossier__in=projects.values("pk")[:SHOWN]))[:SHOWN]


def _own(user):
    return Record.objects.filter(dossier__department__in=user.assigned_department_ids)


def _all_at_once(waiting):
    number = sum(waiting[kind._meta.label_lower] for kind in (TargetUpdate, PlanUpdate))
    return Tile("本月一页报完", number, reverse("reform:month"))


def _first_of(number):
    return f"共 {number} 件，列出最近的 {MOST_IN_HAND} 件" if number > MOST_IN_HAND else ""


def _to_contribute(user):
    """What other departments have asked of this clerk's."""
    waiting = compiled_rows(
        "to contribute",
        (),
        lambda person: Contribution.objects.awaiting(person).with_related().order_by("due_on", "pk")[:SHOWN],
        user=user,
    )
    rows = [
        Row(
            contribution.record.dossier.name,
            f"{contribution.record.heading} · 责任单位 {contribution.record.department}，"
            f"截止 {contribution.due_on:%Y-%m-%d}",
            url=reverse("workflow:contribution", args=[contribution.pk]),
            contribution=contribution,
            department=contribution.department_id,
        )
        for contribution in waiting
    ]
    more = reverse("workflow:contributions")
    return [Card("待提供配合材料", rows, "", more=more, action="填写")]


def _reviewer(user, counts):
    by_kind = compiled_rows("waiting by kind", (), lambda person: _by_kind(Record.objects.awaiting(person)), user=user)
    waiting = []
    if by_kind:
        waiting = compiled_rows("waiting", (), lambda who: _first_submitted(Record.objects.awaiting(who)), user=user)
    inbox = reverse("workflow:inbox")
    tiles = [Tile("待我审核", sum(number for _, number in by_kind), inbox, is_waiting=True)]
    cards = [
        Card(
            "待我审核",
            [_line(record, since=record.waiting_since) for record in waiting],
            "没有等待您审核的记录。",
            more=inbox,
            action="审核",
            tiles=[
                Tile(apps.get_model(kind)._meta.verbose_name, number, f"{inbox}?kind={kind}")
                for kind, number in by_kind
            ],
        )
    ]
    if user.is_office_reviewer:
        rows = []
        if counts[TO_ISSUE]:
            rows = compiled_rows(
                "to issue",
                (),
                lambda person: _listed(Record.objects.awaiting_issue(person), *OLDEST_FIRST)[:SHOWN],
                user=user,
            )
        issuable = reverse("workflow:issuable")
        tiles.append(Tile("待下发", counts[TO_ISSUE], issuable, is_waiting=True))
        cards.append(
            Card(
                "待下发",
                [_line(record) for record in rows],
                "没有等待下发的项目作战图。",
                more=issuable,
            )
        )
    reviewed = reverse("workflow:reviewed")
    this_morning = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    decided = compiled_count(
        "decided today", this_morning, lambda person: _visible(person).decided_by(person, this_morning), user
    )
    tiles.append(Tile("今天已审核", decided, reviewed))
    number_overdue, overdue = _overdue_reviews(user)
    tiles.append(Tile("逾期未审", number_overdue, "#overdue-review", is_waiting=True))
    cards.append(_overdue_card(overdue))
    figures, cards_of_situation = situation(user)
    tiles[-1:-1] = figures
    cards = cards_of_situation + cards
    recent = compiled_rows("last decided", (), _last_decided, user=user)
    cards.append(
        Card("最近审核", [_line(record, waits=False) for record in recent], "您还没有审核过记录。", more=reviewed)
    )
    return tiles, cards


def _by_kind(records):
    return records.values_list("kind").annotate(number=Count("pk")).order_by()


def _first_submitted(records):
    return _listed(records.with_waiting_since(), *OLDEST_FIRST)[:SHOWN]


def _visible(user):
    return Record.objects.visible_to(user)


def _last_decided(user):
    return _visible(user).last_decided_first(user).select_related("dossier")[:SHOWN]


def _overdue_reviews(user):
    """(how many, the first) of what waits for this reviewer; at the office of both levels, in the departments that it
    looks after.
    """
    moment = overdue_before()

    def overdue(person):
        found = _own(person) if person.is_office_reviewer else Record.objects.awaiting(person)
        return found.waiting_since_before(moment)

    def first_overdue(person):
        return _listed(overdue(person), *OLDEST_FIRST).select_related("dossier__department")[:SHOWN]

    first = compiled_rows("overdue reviews", moment, first_overdue, user=user)
    number = compiled_count("overdue reviews", moment, overdue, user) if len(first) == SHOWN else len(first)
    return number, first


def _overdue_card(overdue):
    return Card(
        "逾期未审",
        [
            replace(_line(record, since=record.waiting_since), note=f"{record.department} · {record.heading}")
            for record in overdue
        ],
        "没有逾期未审的记录。",
        note=f"上报或部门审核通过后超过 {settings.REVIEW_WORKING_DAYS} 个工作日未审核",
        anchor="overdue-review",
    )


def _shared(user):
    """The projects that this person reads along; no card without any."""

    def shared(person):
        along = Project.objects.filter(pk__in=Dossier.objects.shared_with(person))
        return along.exclude(department__in=person.assigned_department_ids).select_related("department")[:SHOWN]

    rows = [
        Row(project.name, f"责任单位 {project.department}", url=reverse("reform:project", args=[project.pk]))
        for project in compiled_rows("shared", (), shared, user=user)
    ]
    more = reverse("reform:projects")
    return [Card("配合的项目", rows, "", note="可以查看已确认的内容", more=more)] if rows else []


def _listed(records, *order):
    return records.select_related("dossier").order_by(*order or ("-updated_at", "-pk"))


def _line(record, *, edit=False, decision=None, since=None, waits=True):
    return Row(
        record.dossier.name,
        record.heading,
        url=reverse("editing:edit" if edit else "workflow:record", args=[record.pk]),
        record=record,
        decision=decision,
        since=since,
        department=record.dossier.department_id if waits else None,
    )


def _to_report(work_item, model):
    """The way on from something due: its draft, its own page, or its form."""
    return Row(
        work_item.project.name,
        " · ".join([model._meta.verbose_name, work_item.title, *work_item.notes[-1:]]),
        url=work_item.form or work_item.url,
        record=work_item.record if work_item.form else None,
        action="继续填写" if work_item.form else model.create_label,
        work_item=work_item,
        department=work_item.project.department_id,
    )
