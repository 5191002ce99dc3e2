"""The past of what is already there, as far as events, applied iterations and confirmed updates tell it.

Base info has no past before this day: its one revision begins when the project was entered, or, where the log of the
office's pages does not say when, at the beginning.
"""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

from django.db import migrations
from django.db.models import Min

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC) - timedelta(hours=8)  # in China; no earlier day can be asked for
MAPS_AT_ONCE = 100
ROWS_AT_ONCE = 2000
ADDITION = 1  # of a LogEntry
CONTENT = ("month", "type", "type_name", "content")


def write(apps, schema_editor):
    write_base_info(apps)
    write_map_revisions(apps.get_model)


def write_base_info(apps):
    for app, name in (("accounts", "Department"), ("reform", "Domain")):
        revision = apps.get_model(app, f"{name}Revision")
        revision.objects.bulk_create(
            revision(subject_id=row.pk, valid_from=BEGINNING, name=row.name, position=row.position)
            for row in apps.get_model(app, name).objects.all()
        )
    project, revision = apps.get_model("reform", "Project"), apps.get_model("reform", "ProjectRevision")
    names = [
        field.attname
        for field in revision._meta.concrete_fields
        if field.name not in {"id", "subject", "valid_from", "valid_until"}
    ]
    entered = days_of_entry(apps)
    revision.objects.bulk_create(
        (
            revision(
                subject_id=row.pk,
                valid_from=entered.get(row.pk, BEGINNING),
                **{name: getattr(row, name) for name in names},
            )
            for row in project.objects.all()
        ),
        batch_size=ROWS_AT_ONCE,
    )
    span, partner = apps.get_model("reform", "PartnerSpan"), apps.get_model("workflow", "Dossier").partners.through
    partners = partner.objects.filter(dossier__in=project.objects.values("pk")).values_list("dossier", "department")
    span.objects.bulk_create(
        (
            span(project_id=key, department_id=department, valid_from=entered.get(key, BEGINNING))
            for key, department in partners
        ),
        batch_size=ROWS_AT_ONCE,
    )


def days_of_entry(apps):
    """{project: when it was entered}, of those of which the log says so."""
    entries = apps.get_model("admin", "LogEntry").objects.filter(
        content_type__app_label="reform", content_type__model="project", action_flag=ADDITION
    )
    entered = {
        int(key): at for key, at in entries.values_list("object_id").annotate(at=Min("action_time")) if key.isdigit()
    }
    records = apps.get_model("workflow", "Record").objects.filter(dossier__in=entered)
    for project, at in records.values_list("dossier").annotate(at=Min("created_at")):
        entered[project] = min(entered[project], at)
    return entered


def write_map_revisions(get_model):
    maps = get_model("reform", "BattleMap").objects.filter(state__in=["confirmed", "issued"])
    keys = list(maps.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), MAPS_AT_ONCE):
        for revisions in Maps(get_model, keys[start : start + MAPS_AT_ONCE]).revisions():
            if revisions:
                type(revisions[0]).objects.bulk_create(revisions, batch_size=ROWS_AT_ONCE)


class Maps:
    """Some confirmed maps, and what has been confirmed of them."""

    def __init__(self, get_model, keys):
        def model(name):
            return get_model("reform", name)

        self.model, self.keys = model, keys
        self.iterations = model("MeasureIteration").objects.filter(battle_map__in=keys, state="confirmed")
        self.changes = model("PlanChange").objects.filter(iteration__in=self.iterations, before__isnull=False)
        self.target_updates = model("TargetUpdate").objects.filter(battle_map__in=keys, state="confirmed")
        self.plan_updates = model("PlanUpdate").objects.filter(plan__measure__battle_map__in=keys, state="confirmed")
        events = get_model("workflow", "Event").objects.filter(action="confirm").order_by("at", "pk")
        self.confirmed = {}
        for records in (keys, self.iterations, self.target_updates, self.plan_updates):
            chosen = records if records is keys else records.values("pk")
            self.confirmed.update(events.filter(record__in=chosen).values_list("record", "at"))

    def revisions(self):
        yield list(self._indicators())
        yield list(self._targets())
        yield list(self._measures())
        yield list(self._plans())

    def _indicators(self):
        for row in self.model("Indicator").objects.filter(battle_map__in=self.keys):
            values = {"name": row.name, "unit": row.unit, "annual_target": row.annual_target}
            yield from self._series("IndicatorRevision", row, [(self.confirmed.get(row.battle_map_id), values)])

    def _targets(self):
        reported = defaultdict(list)
        values = self.model("TargetValue").objects.filter(update__in=self.target_updates)
        for value in values.select_related("update").order_by("update__revision"):
            step = self.confirmed.get(value.update_id), {"actual": value.value}
            reported[value.indicator_id, value.update.month].append(step)
        rows = self.model("MonthlyTarget").objects.filter(indicator__battle_map__in=self.keys)
        for row in rows.select_related("indicator"):
            first = self.confirmed.get(row.indicator.battle_map_id), {"target": row.target, "actual": None}
            yield from self._series("TargetRevision", row, [first, *reported[row.indicator_id, row.month]])

    def _measures(self):
        added, edits = {}, defaultdict(list)
        for iteration in sorted(self.iterations, key=lambda one: self.confirmed.get(one.pk, BEGINNING)):
            at = self.confirmed.get(iteration.pk)
            if iteration.is_new:
                added[iteration.measure_id] = at
            else:
                edits[iteration.measure_id].append((at, (iteration.before or {}).get("content")))
        for row in self.model("Measure").objects.filter(battle_map__in=self.keys):
            first = added.get(row.pk) or self.confirmed.get(row.battle_map_id)
            steps = self._replaced(first, edits[row.pk], row.content)
            yield from self._series("MeasureRevision", row, [(at, {"content": content}) for at, content in steps])

    def _plans(self):
        added, edits, reported = {}, defaultdict(list), defaultdict(list)
        for change in sorted(self.changes, key=lambda one: self.confirmed.get(one.iteration_id, BEGINNING)):
            at = self.confirmed.get(change.iteration_id)
            if not change.before:
                added[change.plan_id] = at
            elif not change.cancelled:
                edits[change.plan_id].append((at, change.before))
        for update in sorted(self.plan_updates, key=lambda one: self.confirmed.get(one.pk, BEGINNING)):
            reported[update.plan_id].append((self.confirmed.get(update.pk), {"status": update.status}))
        rows = self.model("MonthlyPlan").objects.filter(measure__battle_map__in=self.keys)
        for row in rows.select_related("measure"):
            first = added.get(row.pk) or self.confirmed.get(row.measure.battle_map_id)
            now = {name: getattr(row, name) for name in CONTENT}
            steps = self._replaced(first, edits[row.pk], now)
            steps = [(first, {"status": "not_started"} | steps[0][1]), *steps[1:], *reported[row.pk]]
            yield from self._series("PlanRevision", row, steps, row.cancelled_at)

    @staticmethod
    def _replaced(first, edits, now):
        """[(moment, its values from then)], of edits that each kept what they replaced."""
        moments = [first, *(at for at, _ in edits)]
        return list(zip(moments, [*(before for _, before in edits), now], strict=True))

    def _series(self, name, row, steps, end=None):
        """Revisions: each step says what is new from its moment on."""
        revision = self.model(name)
        steps = sorted(((at, new) for at, new in steps if at), key=lambda step: step[0])
        values, last = {}, None
        for at, new in steps:
            if last and values | new == values:
                continue
            values |= new
            if last:
                last.valid_until = at
                yield last
            last = revision(subject_id=row.pk, valid_from=at, **values)
        if last:
            last.valid_until = end
            yield last


class Migration(migrations.Migration):
    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("workflow", "0004_record_slot"),
        ("reform", "0005_revisions"),
    ]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
