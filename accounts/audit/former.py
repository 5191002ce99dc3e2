"""Older logs: an entry for each thousand of their rows says what stood in them when this log began.

They go on to be written, but what they say since then is in this log too.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import connections, models, transaction
from django.db.models import Max

from accounts.append_only import AppendOnly
from accounts.audit.chain import ALGORITHMS, keyed_hash
from accounts.audit.entries import Action, AuditEntry, AuditLink
from accounts.audit.writing import write

ROWS = 1000
TABLE, COLUMNS, FIRST, LAST, COUNT, HASH = "表", "列", "首行", "末行", "行数", "校验值"
CHANGING = {"username"}  # of the log of sign-ins: sealed anew with another key


@transaction.atomic
def adopt_former_logs() -> None:
    """Once for each table; afterwards it does nothing."""
    adopted = set(AuditEntry.objects.filter(action=Action.ADOPT).values_list(f"after__{TABLE}", flat=True).distinct())
    for model in _logs():
        if model._meta.db_table not in adopted:
            _adopt(model)


def differences(using: str) -> Iterator[str]:
    """What is no longer as it was adopted, a sentence for each thousand rows."""
    for entry in AuditEntry.objects.using(using).filter(action=Action.ADOPT).order_by("pk").iterator():
        adopted: dict[str, Any] = entry.after or {}
        count, digest = _sum_up(using, adopted, entry.algorithm)
        if (str(count), digest) != (adopted[COUNT], adopted[HASH]):
            yield f"{entry.title} 的旧记录与纳入时不符：当时 {adopted[COUNT]} 条，现在 {count} 条。"


def _logs() -> list[type[models.Model]]:
    ours = [model for model in apps.get_models() if issubclass(model, AppendOnly)]
    return [*(model for model in ours if model not in (AuditEntry, AuditLink)), LogEntry, AccessLog, AccessFailureLog]


def _adopt(model: type[models.Model]) -> None:
    rows = model._base_manager
    columns = [str(field.column) for field in model._meta.local_concrete_fields if field.column not in CHANGING]
    newest = rows.aggregate(newest=Max("pk"))["newest"] or 0
    last = 0
    while keys := rows.filter(pk__gt=last, pk__lte=newest).order_by("pk").values_list("pk", flat=True)[:ROWS]:
        first, last = min(keys), max(keys)
        facts = {TABLE: model._meta.db_table, COLUMNS: " ".join(columns), FIRST: first, LAST: last}
        count, digest = _sum_up(rows.db, facts, settings.AUDIT_ALGORITHM)
        write(
            None,
            Action.ADOPT,
            f"{model._meta.verbose_name}编号 {first} 至 {last}",
            after=facts | {COUNT: count, HASH: digest},
        )


def _sum_up(using: str, facts: dict[str, Any], algorithm: str) -> tuple[int, str]:
    """How many of these rows there are, and the keyed hash of what their columns say."""
    connection = connections[using]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(map(quote, facts[COLUMNS].split()))} FROM {quote(facts[TABLE])}"  # noqa: S608
            " WHERE id BETWEEN %s AND %s ORDER BY id",
            [facts[FIRST], facts[LAST]],
        )
        rows = cursor.fetchall()
    texts = json.dumps([[_text(value) for value in row] for row in rows])
    return len(rows), keyed_hash(algorithm, texts) if algorithm in ALGORITHMS else ""


def _text(value: Any) -> str:
    """Whatever the time zone of the connection is."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
