"""Queries that are compiled once: the same rows as without, each with the parameters of whoever asks."""

import pytest
from django.db import connection
from django.db.models import CharField, Count, F, Value
from django.test.utils import CaptureQueriesContext

from accounts import compiled_queries
from accounts.compiled_queries import compiled_count, compiled_rows
from accounts.models import Department, Entrustment, Role, User

pytestmark = [pytest.mark.sql, pytest.mark.usefixtures("caching_queries", "cast")]


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
    def compiled(role):
        return compiled_rows(name, role, lambda: QUERIES[name](role))

    for role in (Role.ENTRY, Role.OFFICE_REVIEWER, Role.ENTRY, Role.OFFICE_REVIEWER):
        assert shown(compiled(role)) == shown(QUERIES[name](role))
    assert name == "nobody" or shown(compiled(Role.ENTRY)) != shown(compiled(Role.OFFICE_REVIEWER))


GIVEN = {
    "a key": (lambda one: User.objects.filter(pk=one).select_related("department"), lambda user: {"one": user.pk}),
    "what it points to": (lambda of: User.objects.filter(department=of), lambda user: {"of": user.department_id}),
    "a text": (lambda name: User.objects.filter(full_name=name), lambda user: {"name": user.full_name}),
    "a moment": (lambda at: User.objects.filter(created_at__lte=at), lambda user: {"at": user.created_at}),
    "three keys": (lambda keys: User.objects.filter(pk__in=keys), lambda user: {"keys": [user.pk, user.pk + 1, 0]}),
    "no key": (lambda keys: User.objects.filter(pk__in=keys), lambda user: {"keys": []}),
}


@pytest.mark.parametrize("name", GIVEN)
def test_rows_are_those_of_whatever_value_is_given_to_a_query_put_together_once(name):
    build, of = GIVEN[name]
    built = []

    def counted(**values):
        built.append(values)
        return build(**values).order_by("pk")

    for user in User.objects.order_by("-pk"):
        expected = list(build(**of(user)).order_by("pk"))
        assert compiled_rows(name, (), counted, **of(user)) == expected
        assert name == "no key" or user in expected
    assert len(built) == 1


def test_more_keys_are_asked_for_by_few_questions():
    keys, built = list(User.objects.values_list("pk", flat=True)), []

    def counted(keys):
        built.append(len(keys))
        return User.objects.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True)

    for number in range(1, 9):
        assert compiled_rows("some", (), counted, keys=keys[:number]) == sorted(keys[:number])
    assert built == [1, 2, 4, 8]


def test_a_query_is_put_together_once_and_asked_each_time(cast):
    built = []

    def build(keys):
        built.append(keys)
        return Department.objects.filter(name__startswith="新", pk__in=keys)

    made = Department.objects.create(name="新单位")
    assert compiled_rows("departments", 1, build, keys=[made.pk, cast.planning.pk]) == [made]
    assert compiled_rows("departments", 1, build, keys=[cast.science.pk, cast.planning.pk]) == []
    made.delete()
    made = Department.objects.create(name="新单位")
    assert compiled_rows("departments", 1, build, keys=[cast.science.pk, made.pk]) == [made]
    assert len(built) == 1
    assert compiled_rows("departments", 1, build, keys=[made.pk]) == [made]
    assert compiled_rows("departments", 2, build, keys=[made.pk]) == [made]
    assert [len(keys) for keys in built] == [2, 1, 1]


def test_people_of_the_same_duties_share_a_query_and_nobody_sees_what_is_anothers(cast):
    """With keys that are ids of people, of departments, and of both."""
    built = []

    def build(person, departments=()):
        built.append(person)
        held = Entrustment.objects.filter(content_object__in=person.assigned_department_ids, user=person)
        return held.exclude(content_object__in=departments).select_related("user").order_by("pk")

    people = [cast.clerk, cast.partner]
    assert len({person.duties_as_keys[0] for person in people}) == 1
    for person in people:
        assert {held.user for held in compiled_rows("held", (), build, user=person)} == {person}
        assert compiled_count("held", (), build, person) == 1
        assert compiled_rows("held", (), build, user=person, departments=[person.department_id]) == []
    assert len(built) == 3  # the number is another query, as is that with another key
    cast.clerk.assign(cast.science)
    clerk = User.objects.get(pk=cast.clerk.pk)
    held = compiled_rows("held", (), build, user=clerk)
    assert {duty.content_object for duty in held} == {cast.planning, cast.science}
    assert {held.content_object for held in compiled_rows("held", (), build, user=cast.partner)} == {cast.science}


@pytest.mark.parametrize("who", ["clerk", "reviewer", "office", "partner", "admin"])
def test_who_stands_in_for_a_person_has_the_same_duties(cast, who):
    person = getattr(cast, who)
    form, keys = person.duties_as_keys
    same = person.with_keys(keys)
    assert (same.pk, same.role, same.department_id) == (person.pk, person.role, person.department_id)
    assert same.assigned_department_ids == person.assigned_department_ids
    assert same.duties_as_keys == (form, keys)


def test_related_rows_come_with_the_query():
    for _ in range(2):
        found = compiled_rows("related", 1, lambda: people(Role.ENTRY))
        with CaptureQueriesContext(connection) as queries:
            assert all(person.department.name for person in found)
        assert found
        assert not queries


def test_no_more_are_cached_than_a_process_can_hold(monkeypatch):
    monkeypatch.setattr(compiled_queries, "MOST", 3)
    for number in range(10):
        assert len(compiled_rows("people", number, User.objects.all)) == User.objects.count()
        assert len(compiled_queries._cache) <= 3
