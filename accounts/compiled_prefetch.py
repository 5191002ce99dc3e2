"""prefetch_related_objects by compiled queries: compiling one takes longer than to read the few rows it finds."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import ForeignKey, ManyToManyField, ManyToOneRel, Model, QuerySet

from .compiled_queries import compiled_rows


def prefetch_compiled(owners: Iterable[Model], *lookups: str) -> None:
    """Read these relations of all owners at once. Their `all()` is a list then, which nobody can narrow further."""
    owners = list(owners)
    for lookup in lookups:
        found: list[Any] = owners
        for name in lookup.split("__"):
            found = _related(found, name)


def _related(owners: list[Any], name: str) -> list[Any]:
    """What the relation of that name leads to, and the owners have it."""
    if not owners:
        return []
    field = type(owners[0])._meta.get_field(name)
    if isinstance(field, ForeignKey):
        return _one(owners, field)
    unread = {owner.pk: owner for owner in owners if name not in getattr(owner, "_prefetched_objects_cache", ())}
    found: dict[int, list[Any]] = {pk: [] for pk in unread}
    if isinstance(field, ManyToManyField):
        link, far = field.m2m_field_name(), field.m2m_reverse_field_name()
        for row in _rows(field.remote_field.through, link, name, found, far):
            found[getattr(row, f"{link}_id")].append(getattr(row, far))
    elif isinstance(field, ManyToOneRel):
        for row in _rows(field.related_model, field.field.name, name, found):
            owner = unread[getattr(row, field.field.attname)]
            setattr(row, field.field.name, owner)
            found[owner.pk].append(row)
    for owner in owners:
        if owner.pk in found:
            owner._prefetched_objects_cache = {**getattr(owner, "_prefetched_objects_cache", {}), name: found[owner.pk]}
    return [row for owner in owners for row in owner._prefetched_objects_cache[name]]


def _rows(model: Any, link: str, name: str, keys: Collection[int], far: str = "") -> list[Any]:
    """Those of the model whose `link` leads to these keys; with what `far` leads to, and in its order."""

    def linked(keys: Collection[int]) -> QuerySet[Any]:
        found = model._default_manager.filter(**{f"{link}__in": keys})
        return found.select_related(far).order_by(far) if far else found

    return compiled_rows(f"prefetched {name}", (model, link), linked, keys=keys)


def _one(owners: list[Any], field: Any) -> list[Any]:
    unread = [owner for owner in owners if getattr(owner, field.attname) and not field.is_cached(owner)]
    rows = _rows(field.related_model, "pk", field.name, {getattr(owner, field.attname) for owner in unread})
    found = {row.pk: row for row in rows}
    for owner in unread:
        setattr(owner, field.name, found[getattr(owner, field.attname)])
    return [row for owner in owners if (row := getattr(owner, field.name))]
