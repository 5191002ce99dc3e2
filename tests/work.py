"""What a clerk has to do, as the lists and the counts say."""

from reform.reporting.counts import to_report
from reform.reporting.work_items import work_items


def work_rows(kind, user):
    return list(work_items(kind, user))


def due_count(kind, user):
    return to_report(user)[kind._meta.label_lower]
