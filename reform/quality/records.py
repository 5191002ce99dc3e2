"""The 数据提示 of records: their histories, read in a constant number of queries, and what was answered."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.compiled_prefetch import prefetch_compiled
from accounts.compiled_queries import compiled_rows
from accounts.models import User
from reform.indicators import IndicatorType
from reform.models import HintAnswer, MonthlyTarget, PlanStatus, PlanUpdate, TargetUpdate, TargetValue
from reform.quality.hints import Entry, Hint, Rule, hints
from workflow.formats import plain
from workflow.models import Attachment, Record
from workflow.states import UNFINISHED, State

FILES = "files"  # the subject of what is asked about evidence
DEFAULT_WORD = "已核对"
MOST_NAMED = 3  # files
MOST_COUNTED = 40
MOST_READ = 60  # of one content: some are of the same plan


@dataclass(frozen=True)
class ShownHint:
    """A hint of a record: what it is about, and what the clerk answered, if anything."""

    subject: str  # the key of an indicator, or FILES
    rule: str
    text: str
    about: str
    answer: HintAnswer | None = None

    @property
    def key(self) -> str:
        """By which a page says which hint it showed."""
        return sha256(f"{self.subject}|{self.rule}|{self.about}".encode()).hexdigest()[:12]


Found = dict[int, list[ShownHint]]


def open_hints(records: Collection[Record], *, for_office: bool, values: Sequence[TargetValue] | None = None) -> Found:
    """{record: its hints that nobody has answered}; a record without any is left out. Constant queries."""
    found = hints_of(records, for_office, values)
    found = {pk: [hint for hint in hints if hint.answer is None] for pk, hints in found.items()}
    return {pk: hints for pk, hints in found.items() if hints}


def hints_of(records: Collection[Record], for_office: bool, values: Sequence[TargetValue] | None = None) -> Found:
    """{record: its hints}, answered or not. What is settled shows the answers that were kept, and asks no more.

    `for_office`: with what the office alone is told. `values`: the `values_of` the records, if they are there already.
    Constant queries.
    """
    found: Found = {}
    saved = [record for record in records if record.pk]
    waiting = {record.pk: record for record in saved if record.state in UNFINISHED}
    kept_answers = compiled_rows("answers to hints", (), _answers, records=[record.pk for record in saved])
    answers = {(answer.record_id, answer.subject, answer.rule, answer.about): answer for answer in kept_answers}
    values = values_of(waiting.values()) if values is None else values
    asked = [*_of_values(values), *_of_files(waiting.values(), for_office)]
    for pk, subject, about, hint in asked:
        if for_office or not hint.for_office:
            answer_kept = answers.get((pk, subject, hint.rule, about))
            found.setdefault(pk, []).append(ShownHint(subject, hint.rule, hint.text, about, answer_kept))
    for answer in answers.values():
        if answer.record_id not in waiting:
            kept = ShownHint(answer.subject, answer.rule, answer.text, answer.about, answer)
            found.setdefault(answer.record_id, []).append(kept)
    return found


def _answers(records: Any) -> QuerySet[HintAnswer]:
    return HintAnswer.objects.filter(record__pk__in=records).select_related("person")


def answer_hints(record: Record, person: User, sent: dict[str, tuple[Collection[str], str]]) -> bool:
    """Keep what this person says of the hints they saw: {subject: (keys of those confirmed, a short word)}.

    Of a subject without keys, what was confirmed is open again. Returns whether anything changed.
    """
    if not sent:
        return False
    changed = False
    for hint in hints_of([record], for_office=False).get(record.pk, []):
        if hint.subject not in sent:
            continue
        keys, word = sent[hint.subject]
        word = word or DEFAULT_WORD
        if hint.answer and not keys:
            hint.answer.delete()
            changed = True
        elif hint.key in keys and (hint.answer is None or hint.answer.word != word):
            HintAnswer.objects.update_or_create(
                {"text": hint.text, "word": word, "person": person},
                record=record,
                subject=hint.subject,
                rule=hint.rule,
                about=hint.about,
            )
            changed = True
    return changed


def keys_of_kind(records: Iterable[Record], kind: type[Record]) -> list[int]:
    return [record.pk for record in records if record.kind == kind._meta.label_lower]


# --- Values of indicators ------------------------------------------------------------------------


def _of_values(values: Sequence[TargetValue]) -> Iterable[tuple[int, str, str, Hint]]:
    if not values:
        return
    last_year = _last_year(values)
    for value in values:
        update = value.update
        for hint in hints(entry_of(value, last_year.get(_name(value.indicator, update.battle_map), {}))):
            about = hint.text if hint.rule == Rule.TEXT else plain(value.value)
            yield value.update_id, str(value.indicator_id), about[:100], hint


def values_of(records: Iterable[Record]) -> list[TargetValue]:
    """The values of the TargetUpdates among them with what the figures beside them take in, in constant queries."""
    updates = [record for record in records if record.kind_model is TargetUpdate]
    read = [update.lines_read for update in updates if isinstance(update, TargetUpdate)]
    if len(read) == len(updates) and None not in read:
        return [value for lines in read for value in lines or ()]
    rows = compiled_rows("values of updates", (), _values, updates=[update.pk for update in updates])
    prefetch_compiled(rows, "indicator__targets")
    return TargetUpdate.with_submitted(rows)


def _values(updates: Any) -> QuerySet[TargetValue]:
    rows = TargetValue.objects.filter(update__pk__in=updates).select_related("update__battle_map", "indicator")
    return rows.order_by("indicator__position", "indicator")


def entry_of(value: TargetValue, last_year: dict[int, Any]) -> Entry:
    indicator = value.indicator
    return Entry(
        value=value.value,
        month=value.update.month,
        targets=value.targets,
        earlier=value.earlier_months,
        type=IndicatorType(indicator.type),
        unit=indicator.unit,
        period=indicator.period,
        baseline=indicator.baseline,
        annual=indicator.annual_target,
        last_year=last_year,
        state=value.state,
        remark=value.remark,
    )


def _name(indicator: Any, battle_map: Any) -> tuple[Any, ...]:
    """By which an indicator is the same in the next year's map."""
    return battle_map.dossier_id, battle_map.year, *indicator.identity


def _last_year(values: Iterable[TargetValue]) -> dict[tuple[Any, ...], dict[int, Any]]:
    """{name of an indicator: {month: confirmed value of the year before}}."""
    maps = [value.update.battle_map for value in values]
    years = sorted({drawn.year - 1 for drawn in maps})

    def confirmed(dossiers: Any) -> QuerySet[MonthlyTarget]:
        rows = MonthlyTarget.objects.filter(
            indicator__battle_map__dossier__in=dossiers,
            indicator__battle_map__year__in=years,
            indicator__battle_map__state=State.ISSUED,
            actual__isnull=False,
        )
        return rows.select_related("indicator__battle_map")

    rows = compiled_rows("confirmed last year", tuple(years), confirmed, dossiers={drawn.dossier_id for drawn in maps})
    found: dict[tuple[Any, ...], dict[int, Any]] = {}
    for row in rows:
        dossier, year, *rest = _name(row.indicator, row.indicator.battle_map)
        found.setdefault((dossier, year + 1, *rest), {})[row.month] = row.actual
    return found


# --- Files of plans ------------------------------------------------------------------------------


def _of_files(records: Iterable[Record], for_office: bool) -> Iterable[tuple[int, str, str, Hint]]:
    """A plan 已完成 whose files were used before: for another plan or record of the department; the office is told
    of other departments too.
    """
    done = {update.pk: update for update in _done(records)}
    files = [file for update in done.values() if update.evidence_read for file in update.current_evidence[0]]
    if unread := [pk for pk, update in done.items() if not update.evidence_read]:
        files += compiled_rows("files of plans", (), _files, records=unread)
    if not files:
        return
    earlier = _filed_before(files, None if for_office else {pk: done[pk].dossier.department_id for pk in done})
    alike: dict[str, list[Any]] = {}
    for before in earlier:
        alike.setdefault(before.digest, []).append(before)
    plans = dict(compiled_rows("plans of records", (), _plans, records={before.record for before in earlier}))
    for pk, update in done.items():
        own = [file for file in files if file.record_id == pk]
        used = [
            (file, before)
            for file in own
            for before in alike.get(file.digest, ())
            if before.record != pk
            and plans.get(before.record) != update.plan_id
            and (for_office or before.record__dossier__department == update.dossier.department_id)
        ]
        if used:
            number = f"{MOST_COUNTED} 处以上" if len(used) > MOST_COUNTED else f"{len(used)} 处"
            more = f"等 {number}" if len(used) > MOST_NAMED else ""
            parts = [_used_before(file, before) for file, before in used[:MOST_NAMED]]
            about = sha256("".join(sorted(file.digest for file in own)).encode()).hexdigest()
            text = f"佐证材料重复：{'；'.join(parts)}{more}。请核对是否为本计划的佐证。"
            yield pk, FILES, about, Hint(Rule.FILES, text)


def _done(records: Iterable[Record]) -> Iterable[PlanUpdate]:
    """The updates among them that say 已完成; those that are not read as what they are, in one query."""
    unread = []
    for record in records:
        if isinstance(record, PlanUpdate):
            if record.status == PlanStatus.DONE:
                yield record
        elif record.kind_model is PlanUpdate:
            unread.append(record.pk)
    if unread:
        yield from compiled_rows("finished plans", (), _finished, records=unread)


def _finished(records: Any) -> QuerySet[PlanUpdate]:
    return PlanUpdate.objects.filter(id__in=records, status=PlanStatus.DONE).select_related("dossier")


def _plans(records: Any) -> QuerySet[PlanUpdate, Any]:
    return PlanUpdate.objects.filter(pk__in=records).values_list("pk", "plan")


def _files(records: Any) -> QuerySet[Attachment]:
    return Attachment.objects.current().filter(record__pk__in=records)


def _filed_before(files: Sequence[Attachment], departments: dict[int, int] | None) -> list[Any]:
    """What was submitted with the content of one of these files, the oldest first, and no more of each content than a
    hint counts: a sheet that everybody attaches is there thousands of times.

    `departments`: those of the files' records, where each is compared within its own alone.
    """
    contents = {(file.digest, departments and departments[file.record_id]) for file in files}
    if len(contents) == 1:
        [(digest, department)] = contents
        of_department: dict[str, Any] = {"department": department} if department else {}
        return compiled_rows("files alike", MOST_READ, _alike, digest=digest, **of_department)
    kept = _filed()
    alike = ["digest"] if departments is None else ["digest", "record__dossier__department"]
    same = kept.filter(**{name: OuterRef(name) for name in alike}).order_by("pk")
    one_of_each = {(file.digest, departments and departments[file.record_id]): file.pk for file in files}
    first_ones = Attachment.objects.filter(pk__in=one_of_each.values()).annotate(
        last=Subquery(same.values("pk")[MOST_READ - 1 : MOST_READ])
    )
    meant = Q(pk=None)
    for last, *content in first_ones.values_list("last", *alike):
        up_to = {"pk__lte": last} if last else {}
        meant |= Q(**dict(zip(alike, content, strict=True)), **up_to)
    return list(kept.filter(meant).values_list(*USED, named=True))


USED = (
    *("digest", "name", "record", "record__kind", "record__title"),
    *("record__dossier__name", "record__dossier__department", "record__dossier__department__name"),
)


def _filed() -> QuerySet[Attachment]:
    filed = Attachment.objects.current().filter(record__submitted_at__isnull=False)
    return filed.exclude(record__state=State.VOIDED)


def _alike(digest: Any, department: Any = None) -> QuerySet[Any, Any]:
    """The first of that content, of the department's records or of all."""
    found = _filed().filter(digest=digest).order_by("pk")
    found = found.filter(record__dossier__department=department) if department else found
    return found.values_list(*USED, named=True)[:MOST_READ]


def _used_before(file: Attachment, before: Any) -> str:
    whose = f"{before.record__dossier__department__name}“{before.record__dossier__name}”"
    what = f"{apps.get_model(before.record__kind)._meta.verbose_name}“{before.record__title}”"
    return f"“{file.name}”与{whose}{what}的附件“{before.name}”内容相同"
