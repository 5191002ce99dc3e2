"""What rows said, and from when until when: own tables of revisions, written where a row changes.

A revision holds the fields of its row that a ledger shows. `keep` writes what is new after a change, by save or in
bulk; `end` closes what no longer stands. `AsOf` (reform/as_of.py) reads them.
"""

from django.db import models, transaction
from django.db.models import F, Q

from accounts import clock


def valid_at(moment, path=""):
    """The condition under which a span holds at that moment; `path` leads to it, with "__" at its end."""
    until = Q((f"{path}valid_until", None)) | Q((f"{path}valid_until__gt", moment))
    return Q((f"{path}valid_from__lte", moment)) & until


class SpanQuerySet(models.QuerySet):
    def current(self):
        return self.filter(valid_until=None)

    def at(self, moment):
        """Those that held at that moment, which may be an expression."""
        return self.filter(valid_at(moment))


class Span(models.Model):
    """Something that holds from one moment until before another, or until now."""

    valid_from = models.DateTimeField("起")
    valid_until = models.DateTimeField("止", null=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="%(class)s_in_order"
            )
        ]

    def holds_at(self, moment):
        return self.valid_from <= moment and (self.valid_until is None or self.valid_until > moment)


class Revision(Span):
    """What a row said for a time. `subject` leads to the row, `revisions` back; the other fields are the row's own."""

    class Meta(Span.Meta):
        abstract = True
        constraints = [
            *Span.Meta.constraints,
            models.UniqueConstraint(fields=["subject"], condition=Q(valid_until=None), name="%(class)s_one_current"),
        ]
        indexes = [models.Index(fields=["subject", "valid_from"], name="%(class)s_by_day")]

    @classmethod
    def kept_fields(cls):
        """The names of the fields that are the row's own."""
        about = {"id", "subject", "valid_from", "valid_until"}
        return [field.attname for field in cls._meta.concrete_fields if field.name not in about]


class Revised(models.Model):
    """A row of which each save is kept, from the first; with `keeps=False` the caller does so, for many at once."""

    class Meta:
        abstract = True

    def save(self, *args, keeps=True, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            if keeps:
                keep(type(self)._base_manager.filter(pk=self.pk))


def keep(rows):
    """Write revisions of those rows (a queryset) that say something else than their last revision, or have none.

    Call it inside the transaction of the change, with the rows locked, by themselves or by their project.
    """
    model, names = _revision(rows), _revision(rows).kept_fields()
    rows = list(rows)
    current = {
        found.subject_id: found for found in model.objects.current().filter(subject__in=[row.pk for row in rows])
    }
    changed = [
        row
        for row in rows
        if row.pk not in current or any(getattr(row, name) != getattr(current[row.pk], name) for name in names)
    ]
    if not changed:
        return
    now = clock.now()
    ended = [current[row.pk].pk for row in changed if row.pk in current]
    if ended:
        model.objects.filter(pk__in=ended).update(valid_until=now)
    model.objects.bulk_create(
        model(subject_id=row.pk, valid_from=now, **{name: getattr(row, name) for name in names}) for row in changed
    )


def end(rows):
    """The rows (a queryset) stand no longer. Call it like `keep`."""
    _revision(rows).objects.current().filter(subject__in=rows.values("pk")).update(valid_until=clock.now())


def keep_links(model, owner, owners, links):
    """Write down since when departments are linked with these owners (keys): `links` are the pairs that stand.

    `model` is a Span of `department` and of what its field `owner` names. Call it like `keep`.
    """
    now, owner_id = clock.now(), f"{owner}_id"
    current = {
        (getattr(span, owner_id), span.department_id): span.pk
        for span in model.objects.current().filter(**{f"{owner}__in": owners})
    }
    model.objects.filter(pk__in=[pk for link, pk in current.items() if link not in links]).update(valid_until=now)
    model.objects.bulk_create(
        model(**{owner_id: key}, department_id=department, valid_from=now)
        for key, department in sorted(links - current.keys())
    )


def _revision(rows):
    return rows.model._meta.get_field("revisions").related_model
