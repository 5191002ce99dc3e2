"""变更记录: who changed what the office keeps, field by field, in the log that the admin writes too."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet

from accounts.audit.entries import EMPTY, Action
from accounts.audit.writing import write, write_all
from accounts.models import User

Facts = Mapping[str, str]
NOTHING: Facts = MappingProxyType({})
ACTIONS = {ADDITION: Action.ADD, CHANGE: Action.CHANGE, DELETION: Action.DELETE}


def facts(obj: Model, names: Iterable[str]) -> dict[str, str]:
    """{label: value} of these fields, as a person reads them."""
    return {_label(obj, name): _display_value(obj, name) for name in names}


def _label(obj, name):
    return str(obj._meta.get_field(name).verbose_name)


def _display_value(obj, name):
    field = obj._meta.get_field(name)
    if field.many_to_many:
        return display_value(obj and getattr(obj, name).all()) if obj.pk else ""
    if field.choices:
        return str(getattr(obj, f"get_{name}_display")() or "")
    return display_value(getattr(obj, name))


def display_value(value: object) -> str:
    """One value of a field, or several, as a person reads it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, QuerySet | list | tuple):
        return "、".join(str(one) for one in value)
    return "" if value is None else str(value)


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """领衔市领导：甲 → 乙, for each fact that is no longer what it was."""
    return [
        f"{label}：{before[label] or EMPTY} → {after[label] or EMPTY}"
        for label in before
        if before[label] != after[label]
    ]


def log(
    user: User,
    obj: Model,
    flag: int,
    message: str,
    *,
    action: Action | None = None,
    before: Facts = NOTHING,
    after: Facts = NOTHING,
) -> None:
    """An entry in the history of the thing, and one in the audit log: of `before` and `after`, what differs."""
    LogEntry.objects.log_actions(user.pk, [obj], flag, message, single_object=True)
    audit(user, obj, flag, message, action=action, before=before, after=after)


def audit(
    user: User,
    obj: Model,
    flag: int,
    message: str,
    *,
    action: Action | None = None,
    before: Facts = NOTHING,
    after: Facts = NOTHING,
) -> None:
    """The entry in the audit log alone, for whoever has written the history."""
    changed = [label for label in before if before[label] != after[label]]
    write(
        user,
        action or ACTIONS[flag],
        obj,
        before={label: before[label] for label in changed},
        after={label: after[label] for label in changed} or {"说明": message},
    )


def log_all(user: User, flag: int, entries: Iterable[tuple[Model, str]]) -> None:
    """Entries for each (thing, message), all at once."""
    entries = list(entries)
    write_all(user, ACTIONS[flag], [(obj, {"说明": message}) for obj, message in entries])
    LogEntry.objects.bulk_create(
        LogEntry(
            user_id=user.pk,
            content_type=ContentType.objects.get_for_model(type(obj)),
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action_flag=flag,
            change_message=message,
        )
        for obj, message in entries
    )


def entries(*models: type[Model]) -> QuerySet[LogEntry]:
    """Newest first."""
    found = LogEntry.objects.filter(content_type__in=ContentType.objects.get_for_models(*models).values())
    return found.select_related("user__department").order_by("-action_time", "-pk")


def entries_of(obj: Model) -> QuerySet[LogEntry]:
    return entries(type(obj)).filter(object_id=str(obj.pk))
