"""How long the office's pages take: on a database that is there already, such as a copy of a large city.

    createdb -T city large; DATABASE_URL=postgres://…/large ./run manage migrate
    DATABASE_URL=postgres://…/large … .venv/bin/python -m tests.bench.office_pages [part of a page's name …]

It prints the best of some repeats: time by the clock, of this process's CPU, in the database and of the CPU there, with
the number of queries. Pages that take more than 300 ms of both CPUs are marked, whatever else the machine does. All it
writes is one draft of a bulletin, inside a transaction that is rolled back.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.urls import reverse

import config.wsgi  # noqa: F401 - sets up Django and the garbage collector as the server does
from accounts.models import User
from reform.bulletins import desk, documents
from reform.calendar import Period, today
from reform.cockpit import project_cache
from reform.models import (
    BattleMap,
    Bulletin,
    Project,
    Series,
    SpotCheck,
    SupervisionMatter,
)
from workflow.models import Dossier, Event, Record
from workflow.states import State

TIMES = int(os.environ.get("TIMES", "5"))
LIMIT = 300  # ms
WORDS = ["改", "工作", "工作专", "工作专班", "改革 试点", "魑", "魑魅", "魑魅魍", "魑魅魍魉"]
LEDGERS = ["projects", "indicators", "plans", "iterations", "changes", "promotions", "brands", "matters", "checks"]


class Database:
    """Counts the queries and adds up the time they take."""

    def __init__(self) -> None:
        self.queries, self.seconds = 0, 0.0

    def __call__(self, execute, sql, params, many, context):
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += perf_counter() - start


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - to whoever runs it


def backend_seconds() -> float:
    """What the CPU has spent on this connection in the database, where that runs on this machine."""
    try:
        stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    except (AttributeError, OSError):
        return 0
    return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def measured(work) -> tuple[float, float, float, float, int]:
    """(by the clock, of the CPU, in the database, of its CPU, queries); times in ms."""
    database = Database()
    with connection.execute_wrapper(database):
        clock, cpu, backend = perf_counter(), process_time(), backend_seconds()
        work()
        clock, cpu, backend = perf_counter() - clock, process_time() - cpu, backend_seconds() - backend
    return clock * 1000, cpu * 1000, database.seconds * 1000, backend * 1000, database.queries


def report(name: str, work, before=lambda: None, limit: int = LIMIT) -> None:
    taken = []
    for _ in range(TIMES):
        before()
        taken.append(measured(work))
        if taken[-1][0] > 20 * limit:  # no need to wait for more of these
            break
    clock, cpu, database, backend = (min(found[place] for found in taken) for place in range(4))
    mark = "  <<<" if cpu + (backend or database) > limit else ""
    say(f"{name:44} {clock:7.0f} {cpu:7.0f} {database:7.0f} {backend:7.0f} {taken[-1][4]:5}{mark}")


def most_projects(role: str) -> User:
    people = User.objects.filter(role=role, is_active=True)
    return max(people, key=lambda person: Dossier.objects.visible_to(person).count())


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def desk_pages() -> Iterator[tuple[str, str]]:
    yield "工作台", "/"
    yield "待我审核", reverse("workflow:inbox")
    yield "已审核", reverse("workflow:reviewed")


def office_pages() -> Iterator[tuple[str, str]]:
    """(name, address) of the office's pages."""
    yield from desk_pages()
    yield "待下发", reverse("workflow:issuable")
    day, room = today(), reverse("reform:month_end")
    unit = Project.objects.values_list("department").annotate(number=Count("pk")).order_by("-number").first()[0]
    yield "收官台", room
    for step in ("owed", "department", "office", "confirmed"):
        yield f"收官台 {step}", f"{room}?step={step}"
    yield "收官台 单位", f"{room}?open={unit}"
    for period in (Period(day.year, 1, day.month), Period(day.year, 1, 12), Period(day.year, 1, 3)):
        yield f"收官台 {period}", f"{room}?period={period.key}"
    yield from cockpit_pages(unit)
    yield from supervision_pages()
    yield from paper_pages(unit)
    for name in LEDGERS:
        yield f"台账 {name}", reverse("reform:ledger", args=[name])
    yield "台账 plans 单位", f"{reverse('reform:ledger', args=['plans'])}?department={unit}"
    yield "亮灯规则", reverse("reform:light_rule")
    yield "项目", reverse("reform:projects")
    yield "项目 按风险", f"{reverse('reform:projects')}?sort=risk"


def cockpit_pages(unit: int) -> Iterator[tuple[str, str]]:
    day, page = today(), reverse("reform:cockpit")
    some = Project.objects.filter(department=unit, closed_at=None).first()
    yield "驾驶舱", page
    yield "驾驶舱 大屏", f"{page}?wall=1"
    chosen = {
        "单位": f"department={unit}",
        "市领导": f"leader={some.lead_leader}",
        "领域": f"domain={some.domain_id}",
        "牵引来源": "mandate=own",
        "小组": f"task_force={some.task_force_id or ''}",
    }
    for name, query in chosen.items():
        yield f"驾驶舱 {name}", f"{page}?{query}"
    past = Period(day.year - 1, 12, 12)
    for period in (Period(day.year, 1, 3), Period(day.year, 1, 6), Period(day.year, 1, 12), past):
        yield f"驾驶舱 {period}", f"{page}?period={period.key}"
    yield "驾驶舱 单页 单位", f"{page}page/?department={unit}"
    yield "驾驶舱 单页 市领导", f"{page}page/?leader={some.lead_leader}"


def supervision_pages() -> Iterator[tuple[str, str]]:
    matters = reverse("reform:matters")
    yield "督办事项", matters
    for query in ("progress=overdue", "progress=closed", "origin=meeting", "q=改革"):
        yield f"督办事项 {query}", f"{matters}?{query}"
    if matter := SupervisionMatter.objects.order_by("-letters").first():
        yield "督办事项 一件", matter.get_absolute_url()
        yield "督办事项 拟函", reverse("reform:letter_write", args=[matter.pk])
    yield "督办事项 登记", reverse("reform:matter_add")
    yield "发文登记", reverse("reform:letters")
    yield "发文登记 q", f"{reverse('reform:letters')}?q=改革"
    yield "提请协调", reverse("reform:requests")
    yield "问题库", reverse("reform:problems")
    for query in ("period=", "state=unsolved", "state=raised", "q=改革", "q=魑魅"):
        yield f"问题库 {query}", f"{reverse('reform:problems')}?{query}"
    yield "经验库", reverse("reform:experiences")
    yield "经验库 q", f"{reverse('reform:experiences')}?q=改革"
    yield "督察核查", reverse("reform:checks")
    yield "督察核查 抽样", reverse("reform:sample")
    if check := SpotCheck.objects.order_by("pk").last():
        yield "督察核查 一项", reverse("reform:check", args=[check.pk])


def paper_pages(unit: int) -> Iterator[tuple[str, str]]:
    yield "通报", reverse("reform:bulletins")
    yield "通报 拟稿", reverse("reform:bulletin_make")
    yield "通报 模板", reverse("reform:word_templates")
    if bulletin := Bulletin.objects.order_by("pk").last():
        yield "通报 一期", reverse("reform:bulletin", args=[bulletin.pk])
        if bulletin.sources:
            yield "通报 数据", reverse("reform:bulletin_figure", args=[bulletin.pk, max(bulletin.sources)])
    issued = BattleMap.objects.filter(state=State.ISSUED, year=today().year, dossier__closed_at=None)
    if drawn := issued.filter(dossier__department=unit).first() or issued.first():
        yield "项目 一个", reverse("reform:project", args=[drawn.dossier_id])
        yield "作战图", reverse("reform:map", args=[drawn.pk])
        for kind in ("one_page", "meeting"):
            yield f"材料 {kind}", reverse("reform:pack", args=[drawn.dossier_id, kind.replace("_", "-")])
            yield f"材料 {kind} Word", reverse("reform:pack_word", args=[drawn.dossier_id, kind.replace("_", "-")])


def department_pages() -> Iterator[tuple[str, str]]:
    yield from desk_pages()
    yield from supervision_pages()
    yield "通报", reverse("reform:bulletins")
    yield "项目", reverse("reform:projects")
    for name in LEDGERS:
        yield f"台账 {name}", reverse("reform:ledger", args=[name])


def clerk_pages() -> Iterator[tuple[str, str]]:
    yield "工作台", "/"
    yield "我上报的", reverse("workflow:submitted")
    yield "督办事项", reverse("reform:matters")
    yield "提请协调", reverse("reform:requests")
    yield "问题库", reverse("reform:problems")
    yield "办理反馈", reverse("reform:kind", args=["supervisionreport"])


def search_pages() -> Iterator[tuple[str, str]]:
    for word in WORDS:
        yield f"检索 {word}", f"{reverse('reform:search')}?q={word}"


class Events:
    """As if one more event had happened each time that `happen` is called."""

    def __init__(self) -> None:
        self.more, self.last = 0, project_cache._last
        project_cache._last = lambda model: self.last(model) + (self.more if model is Event else 0)

    def happen(self) -> None:
        """A minute ago, when the cockpit last looked."""
        self.more += 1
        cache.delete("cockpit")


def draft() -> None:
    """A bulletin from confirmed data to the Word document."""
    office = User.objects.filter(role="office_reviewer", is_active=True).first()
    with rolled_back():
        made = desk.make(office, Series.PROGRESS, Period.until(today()), dated=today(), addressed_to="各责任单位")
        documents.bulletin_document(made, "https://reform.example.cn")


def main(parts: list[str]) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # one process does all that is counted
            cursor.execute("SET max_parallel_workers_per_gather = 0")
    people = {
        "office": (User.objects.filter(role="office_reviewer", is_active=True).first(), office_pages),
        "reviewer": (most_projects("dept_reviewer"), department_pages),
        "clerk": (most_projects("entry"), clerk_pages),
    }
    say(f"{Project.objects.count()} projects, {Record.objects.count()} records; ms, best of {TIMES}")
    say(f"{'':44} {'clock':>7} {'CPU':>7} {'DB':>7} {'its CPU':>7} {'SQL':>5}")
    events = Events()
    for role, (person, pages) in people.items():
        client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0], raise_request_exception=False)
        client.force_login(person)
        for name, address in [*pages(), *search_pages()]:
            if parts and not any(part in f"{role} {name}" for part in parts):
                continue
            opened = _opener(client, address)
            if opened is None:
                continue
            report(f"{role} {name}", opened)
            if name == "驾驶舱":
                report(f"{role} {name} (once a minute, while much happens)", opened, before=events.happen)
                report(f"{role} {name} (not prepared by remind)", opened, before=cache.clear)
    if not parts or "draft" in parts:
        report("draft of a bulletin, with its document", draft, limit=5000)


def _opener(client: Client, address: str):
    """None, and a word about it, where the page is not theirs."""

    def opened() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        b"".join(answer) if answer.streaming else answer.content

    first = client.get(address).status_code
    if first == 200:
        return opened
    if first not in (302, 404):
        say(f"{address}: {first}")
    return None


if __name__ == "__main__":
    main(sys.argv[1:])
