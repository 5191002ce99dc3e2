"""驳回变清单: for which reasons a department's records of a kind came back, to be checked before 上报."""

from datetime import timedelta

from django.db.models import Count

from accounts import clock
from workflow.models import Event, Record

SPAN = timedelta(days=365)
MOST = 5


def came_back_for(record: Record) -> list[tuple[str, int]]:
    """(reason, how often in the last twelve months), the most frequent first."""
    since = clock.now() - SPAN
    events = Event.objects.filter(
        action__in=Event.REJECTIONS,
        at__gte=since,
        record__updated_at__gte=since,  # as with every step: the records of earlier years are not looked into
        record__kind=type(record)._meta.label_lower,
        record__dossier__department=record.dossier.department_id,
    ).exclude(reason="")
    counted = events.order_by().values("reason").annotate(times=Count("pk")).order_by("-times", "reason")
    return [(row["reason"], row["times"]) for row in counted[:MOST]]
