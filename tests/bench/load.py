"""A month's end with 300 people, and 300 sign-ins within a minute while others browse: gunicorn as in production.

    ./run bench load        # month end: sign-ins spread over a minute, then all at once; sign-ins while others browse

Locust plays the people (ten seconds between two pages); it takes its share of the same processors. Accounts of the load
are added to the database and stay there: give it a copy.
"""

import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.table import say, table

PEOPLE, BROWSING = 300, 60
SECONDS = int(os.environ.get("SECONDS_OF_LOAD", "180"))
MOST_MEMORY = 200  # MiB of a worker
KINDS = ("pages", "sign in")
HZ = os.sysconf("SC_CLK_TCK")


def add_people() -> dict[str, str]:
    """{phone: role} of people of all departments."""
    from django.contrib.auth.hashers import make_password

    from accounts.models import Department, User
    from accounts.roles import Role

    chance = random.Random(1)
    departments = list(Department.objects.filter(is_active=True, is_office=False))
    office = Department.objects.filter(is_office=True).first() or departments[0]
    password = make_password("Demo-2026!")
    people = {}
    for number in range(PEOPLE + BROWSING):
        role = chance.choices([Role.ENTRY, Role.DEPT_REVIEWER, Role.OFFICE_REVIEWER], [70, 25, 5])[0]
        home = office if role == Role.OFFICE_REVIEWER else departments[number % len(departments)]
        facts = {"full_name": f"压测{number}", "department": home, "role": role, "must_change_password": False}
        user, is_new = User.objects.get_or_create(phone=f"137{number:08d}", defaults=facts | {"password": password})
        if is_new and role != Role.OFFICE_REVIEWER:
            user.assign(home)
        if user.password != password:  # each run stores one of its own, by the figures of today
            User.objects.filter(pk=user.pk).update(password=password)
        people[user.phone] = str(user.role)
    return people


class Server:
    """gunicorn by deploy/gunicorn.conf.py on a free port."""

    def __init__(self, url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        environment = {**os.environ, "DATABASE_URL": url, "PORT": str(self.port)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        words = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
        self.process = subprocess.Popen([*words, "--log-level", "critical"], env=environment, stderr=subprocess.DEVNULL)
        self.address = f"http://127.0.0.1:{self.port}"
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        sys.exit("gunicorn does not answer")

    def workers(self) -> list[int]:
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]

    def memory(self) -> list[float]:
        """MiB of each worker, at its most."""
        found = [Path(f"/proc/{pid}/status").read_text() for pid in self.workers()]
        return [int(status.partition("VmHWM:")[2].split()[0]) / 1024 for status in found]

    def seconds(self) -> float:
        """Of the processor, of all workers."""
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in self.workers()]
        return sum(sum(map(int, stat.rpartition(")")[2].split()[11:13])) for stat in stats) / HZ

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def children_seconds() -> float:
    """Of the processor, of all processes that this one has waited for: here the people, whom Locust plays."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def play(
    url: str, people: dict[str, str], *, each_second: int, browsing: int = 0, script="locustfile", kinds=KINDS
) -> list[str]:
    """Figures of one load: a row of the table."""
    server = Server(url)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "people.json").write_text(json.dumps(people))
        environment = {
            **os.environ,
            "BENCH_PEOPLE": str(folder / "people.json"),
            "BENCH_BROWSING": str(browsing),
            "BENCH_RESULT": str(folder / "result.json"),
        }
        words = ["-f", f"tests/bench/{script}.py", "--headless", "--only-summary", "--loglevel", "ERROR"]
        words += ["-u", str(len(people)), "-r", str(each_second), "-t", f"{SECONDS}s", "--host", server.address]
        before, generator = server.seconds(), children_seconds()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([sys.executable, "-m", "locust", *words], env=environment, check=False, **quiet)
        spent, memory, generator = server.seconds() - before, server.memory(), children_seconds() - generator
        server.stop()
        found = json.loads((folder / "result.json").read_text())
    for error in found.pop("errors"):
        say(f"    {error}")
    total = sum(figures["requests"] for figures in found.values())
    failed = sum(figures["failures"] for figures in found.values())
    row = [str(total), f"{failed} ({failed / total:.2%})"]
    for kind in kinds:
        figures = found[kind]
        row += [f"{figures['p50'] / 1000:.2f}", f"{figures['p95'] / 1000:.2f}", f"{figures['longest'] / 1000:.1f}"]
    if again := found.get("asked to sign in again"):
        say(f"    {again['requests']} times somebody was asked to sign in again a little later")
    return [*row, *(f"{seconds / total * 1000:.0f}" for seconds in (spent, generator)), f"{max(memory):.0f}"]


HEADS = (
    "load|requests|errors|pages p50 s|p95|longest|sign in p50 s|p95|longest"
    "|worker CPU ms a request|the people's|worker MiB"
)


def main(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    people = add_people()
    some = dict(list(people.items())[:PEOPLE])
    rows = [
        ["300 people, sign-ins over a minute", *play(url, some, each_second=5)],
        ["300 people, all at once", *play(url, some, each_second=PEOPLE)],
        ["300 sign-ins in 60 s, 60 browse", *play(url, people, each_second=6, browsing=BROWSING)],
    ]
    table(HEADS, rows)
    say("Wanted: month end p95 ≤2 s and errors <0.1 %; sign-ins ≤5 s, others' p50 ≤1 s; workers ≤200 MiB.")


if __name__ == "__main__":
    main(sys.argv[1])
