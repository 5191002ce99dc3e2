"""Queries whose SQL is kept: the same rows as without, each with the parameters of whoever asks."""

import pytest
from django.db import connection
from django.db.models import CharField, Count, F, Value
from django.test.utils import CaptureQueriesContext

from accounts import kept_queries
from accounts.kept_queries import kept_count, kept_rows
from accounts.models import Department, Role, User

pytestmark = [pytest.mark.sql, pytest.mark.usefixtures("keeping_queries", "cast")]


def people(role):
    return User.objects.filter(role=role).select_related("department").annotate(called=F("full_name")).order_by("pk")


QUERIES = {
    "rows with what they point to": people,
    "the first": lambda role: people(role)[:1],
    "dictionaries": lambda role: people(role).values("pk", "called", "department__name"),
    "tuples": lambda role: people(role).values_list("pk", "called"),
    "single values": lambda role: people(role).values_list("called", flat=True),
    "numbers of groups": lambda role: (
        people(role).order_by().values_list("department").annotate(number=Count("pk")).order_by("department")
    ),
    "several at once": lambda role: (
        people(role)
        .order_by()
        .values("called")
        .union(User.objects.order_by().filter(role=Role.AUDITOR).values("full_name"))
    ),
    "nobody": lambda role: people(role).filter(pk__in=[]),
    "a value of Python": lambda role: people(role).annotate(of=Value("x", CharField())).values_list("of", "pk"),
}


def shown(rows):
    return [(row, row.called, row.department.name) if isinstance(row, User) else row for row in rows]


@pytest.mark.parametrize("name", QUERIES)
def test_rows_are_those_of_the_query_for_the_first_who_asks_and_for_the_next(name):
    def kept(role):
        return kept_rows(name, role, lambda: QUERIES[name](role))

    for role in (Role.ENTRY, Role.OFFICE_REVIEWER, Role.ENTRY, Role.OFFICE_REVIEWER):
        assert shown(kept(role)) == shown(QUERIES[name](role))
    assert name == "nobody" or shown(kept(Role.ENTRY)) != shown(kept(Role.OFFICE_REVIEWER))


def test_a_query_is_put_together_once_and_asked_each_time():
    built = []

    def build():
        built.append(1)
        return Department.objects.filter(name__startswith="新")

    with CaptureQueriesContext(connection) as queries:
        assert kept_rows("departments", 1, build) == []
        made = Department.objects.create(name="新单位")
        assert kept_rows("departments", 1, build) == [made]
        assert kept_count("departments", 1, build) == 1
    assert len(built) == 2  # the number is another query
    assert len([query for query in queries if "SELECT" in query["sql"]]) >= 3


def test_related_rows_come_with_the_query():
    for _ in range(2):
        found = kept_rows("related", 1, lambda: people(Role.ENTRY))
        with CaptureQueriesContext(connection) as queries:
            assert all(person.department.name for person in found)
        assert found
        assert not queries


def test_no_more_are_kept_than_a_process_can_hold(monkeypatch):
    monkeypatch.setattr(kept_queries, "MOST_STATEMENTS", 3)
    for number in range(10):
        assert kept_count("people", number, User.objects.all) == User.objects.count()
        assert len(kept_queries._statements) <= 3
