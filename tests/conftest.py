"""What every test stands on."""

import copy
import gc
from collections import defaultdict
from inspect import signature
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from accounts import clock, compiled_queries
from reform.models.due_schedule import catch_up, differences
from tests import cast as people
from tests import initial_rows
from tests.scenes import EmptyStage
from workflow.models import Event
from workflow.workbooks import reader

pytest.register_assert_rewrite("tests.contracts", "tests.walk.addresses")

# What takes most of the time and finds least: written by `./run test --full --note-slow`, taken with --full alone.
SLOW = frozenset((Path(__file__).parent / "slow_tests.txt").read_text().split())

# On a busy machine a slow example is no failure.
hypothesis_settings.register_profile("full", max_examples=500, deadline=None, print_blob=True)
hypothesis_settings.register_profile("suite", hypothesis_settings.get_profile("full"), max_examples=50)


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="take every case, the long walks and all journeys")


def pytest_configure(config):
    hypothesis_settings.load_profile("full" if config.getoption("full") else "suite")


def deselect(config, items, left_out):
    config.hook.pytest_deselected(items=[*left_out])
    left_out = set(left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Who asks for a page is a browser journey. SQLite knows no row locks, so races are left out there, and on either
    database what is about the other. What builds no SQL of its own does the same on both, so that its long walks, which
    take half an hour, are walked on PostgreSQL alone.
    """
    committed = pytest.mark.django_db(transaction=True)  # both commit for real
    not_for_sqlite, not_for_postgresql = [], []
    for item in items:
        if "browser_context_args" in item.fixturenames:
            item.add_marker("browser")
            item.add_marker(committed, append=False)
        if item.get_closest_marker("race"):
            item.add_marker(committed, append=False)
        if item.get_closest_marker("race") or item.get_closest_marker("postgresql"):
            not_for_sqlite.append(item)
        if item.get_closest_marker("sqlite"):
            not_for_postgresql.append(item)
    deselect(config, items, not_for_sqlite if connection.vendor == "sqlite" else not_for_postgresql)
    if not config.getoption("full"):
        deselect(config, items, left_to_full_runs(config, items))
    elif connection.vendor == "sqlite":
        others = [item for item in items if not item.get_closest_marker("sql")]
        deselect(config, items, left_to_full_runs(config, others))


def left_to_full_runs(config, items):
    """The long ones; and, unless some tests are asked for by name, further cases of a rule and what is slow."""
    left_out = {item for item in items if item.get_closest_marker("full")}
    if config.args_source == pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword:
        rest = [item for item in items if item not in left_out]
        left_out.update(further_cases(rest), filter(is_slow, rest))
    return left_out


def further_cases(items):
    """All but one of those that test the same rule by another case or for another kind of record.

    Each rule takes another one, so that together they still meet every kind. What needs no database costs nothing.
    """
    rules = defaultdict(list)
    for item in items:
        if "db" in item.fixturenames or "transactional_db" in item.fixturenames:
            rules[item.function.__code__].append(item)
    return [
        item for place, cases in enumerate(rules.values()) for item in cases if item is not cases[place % len(cases)]
    ]


def pytest_collection_finish():
    """What was imported and collected stays: to look through it for garbage took a twentieth of all the work."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def is_slow(item):
    """What is shorter without --full by itself is not."""
    if "is_full" in signature(item.function).parameters or getattr(item.obj, "is_hypothesis_test", False):
        return False
    return item.nodeid.partition("[")[0].replace(".py::", ".").replace("::", ".").replace("/", ".") in SLOW


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "uploads"


COMPILE = compiled_queries._compile


class EmptyCache(dict):
    """Finds nothing, so that each query is compiled anew."""

    def get(self, key, default=None):
        return default


@pytest.fixture(scope="session")
def compile_checked():
    compiled_before = {}

    def compile_(of, build, values):
        if of not in compiled_before:
            compiled_before[of] = COMPILE(of, build, values)
        compiled = compiled_before[of]
        stand_ins = [compiled_queries._stand_in(place, value) for place, value in enumerate(values)]
        # Keys themselves: the query must not say more of them than their stand-ins can.
        keys = [value if isinstance(value, int) else stand_ins[place] for place, value in enumerate(values)]
        anew = compiled_queries._CompiledQuery(build(keys))
        assert (compiled.sql, sorted(map(repr, compiled.params(values)))) == (
            anew.sql,
            sorted(map(repr, anew.params(values))),
        ), of
        return compiled

    return compile_


@pytest.fixture
def checked_queries(monkeypatch, compile_checked):
    """Whatever a test does, a query compiled for others is the one that is compiled for these values."""
    monkeypatch.setattr(compiled_queries, "_cache", EmptyCache())
    monkeypatch.setattr(compiled_queries, "_compile", compile_checked)


@pytest.fixture(autouse=True)
def _check_queries(request):
    """Where SQL is tested, on the database of production: compiling each query anew takes a third of a test's time."""
    if connection.vendor == "postgresql" and request.node.get_closest_marker("sql"):
        request.getfixturevalue("checked_queries")


@pytest.fixture
def caching_queries(monkeypatch):
    """As in production, and nothing is cached yet."""
    monkeypatch.setattr(compiled_queries, "_cache", {})
    monkeypatch.setattr(compiled_queries, "_compile", COMPILE)


@pytest.fixture(scope="session", autouse=True)
def _time_to_read():
    """On a busy machine a sound workbook takes longer; what is measured in processor time stays limited."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "WALL_SECONDS", 120)
        yield


@pytest.fixture(scope="session")
def is_full(pytestconfig):
    """Whether walks are taken in their full length."""
    return pytestconfig.getoption("full")


JULY = "2026-07-15T09:00+08:00"


@pytest.fixture(scope="session")
def django_db_use_migrations(is_full):
    """Migrating takes each process twenty seconds, so the ordinary suite makes its tables from the models."""
    return is_full


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, django_db_use_migrations):
    """The scenes are played as soon as there is a database, while nothing but migrations has written to it."""
    with django_db_blocker.unblock(), time_machine.travel(JULY, tick=False):
        if not django_db_use_migrations:
            settings.MIGRATION_MODULES = {}  # for those who test migrations
            initial_rows.write()
        # To empty every table and load what migrations had put there took three quarters of a second after each test.
        stage = EmptyStage()
        TransactionTestCase._fixture_teardown = lambda case: stage.restore()
        people.rehearse()


@pytest.fixture
def july():
    """The morning of 15 July 2026: half of the year has been, half is to come."""
    with time_machine.travel(JULY):
        yield


@pytest.fixture
def cast(db, july):
    """People and a project to tell stories of; their passwords are `factories.PASSWORD`."""
    return people.enter()


@pytest.fixture
def due_agrees(db):
    """At the end of the story, and of its day's work, what is due is what follows from the records."""
    yield
    last = Event.objects.aggregate(at=Max("at"))["at"]
    with time_machine.travel(max(last or clock.now(), clock.now()), tick=False):
        catch_up()
        assert differences() == []


@pytest.fixture
def without_navigation(settings):
    """Pages by themselves: what the navigation costs is counted where the navigation is tested."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].remove("reform.navigation.navigation")
    settings.TEMPLATES = templates
