"""Two nodes behind nginx over one PostgreSQL and one S3-like store, while people submit, withdraw and upload: a node is
killed, the database is restarted, the program is updated. What was acknowledged must be stored, and what was not done
may only be what was under way.

    python -m tests.bench.two_nodes [--pool] [--seconds 15]

--pool: through PgBouncer, configured by deploy/pgbouncer. Needs nginx, openssl and PostgreSQL (and PgBouncer); brings
everything else up itself, on free ports, and takes it down again. Prints a table.
"""

import argparse
import hashlib
import http.client
import json
import os
import secrets
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from scripts.postgres import throwaway, unprivileged
from tests import proxies
from tests.documents import PDF

ROOT = Path(__file__).resolve().parent.parent.parent
HOST, WRITERS = "tracker.example", 8
TOKEN = "a" * 32  # against forged requests; any will do that both cookie and form carry


class Trial:
    """Everything that runs, and how to reach it."""

    def __init__(self, stack, folder, *, is_pooled):
        self.stack, self.folder = stack, folder
        self.url, self.binaries = stack.enter_context(throwaway())
        self.cluster = Path(unquote(urlsplit(self.url).netloc.partition("@")[2]))
        self.site, plain, self.store, self.pool, *self.nodes = proxies.free_ports(6)
        os.environ |= {
            "DATABASE_URL": self.url,
            "VAR_DIR": str(folder / "var"),
            "STATIC_ROOT": str(folder / "static"),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": HOST,
            "PROXY_COUNT": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "S3_BUCKET": "uploads",
            "S3_ENDPOINT": f"http://127.0.0.1:{self.store}",
            "S3_ACCESS_KEY": "bench",
            "S3_SECRET_KEY": "bench",
            "BACKUP_PASSPHRASE": "",
        }
        (folder / "var").mkdir()
        self.start("store", sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.store))
        proxies.wait_until_listening(self.store)
        self.served = dict(os.environ)
        if is_pooled:
            self._start_pool()
        main = proxies.configure(folder, self.nodes, port=self.site, plain_port=plain)
        self._prepare()
        self.masters = {port: self.start_node(port) for port in self.nodes}
        self.start("nginx", "nginx", "-c", str(main))
        for port in (*self.nodes, self.site):
            proxies.wait_until_listening(port)

    def start(self, name, *words, environment=None, **how):
        log = self.stack.enter_context((self.folder / f"{name}.log").open("a"))
        process = subprocess.Popen(
            words, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True, **how
        )
        self.stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        """It and all that came of it."""
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _start_pool(self):
        ini = (ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini").read_text()
        for before, after in (
            ("reform = host=postgres port=5432 dbname=reform", f"postgres = host={self.cluster} user=tests"),
            ("listen_addr = *", "listen_addr = 127.0.0.1"),
            ("listen_port = 6432", f"listen_port = {self.pool}"),
            ("auth_type = scram-sha-256", "auth_type = any"),
            ("auth_file = /etc/pgbouncer/userlist.txt\n", ""),
        ):
            assert before in ini
            ini = ini.replace(before, after)
        file = self.cluster / "pgbouncer.ini"
        file.write_text(ini)
        file.chmod(0o644)
        self.start("pgbouncer", "pgbouncer", str(file), **unprivileged())
        proxies.wait_until_listening(self.pool)
        self.served |= {"DATABASE_URL": f"postgres://tests@127.0.0.1:{self.pool}/postgres", "DATABASE_POOLED": "on"}

    def _prepare(self):
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v", "0"], cwd=ROOT, check=True)
        subprocess.run([*manage, "collectstatic", "--no-input", "-v", "0"], cwd=ROOT, check=True)
        import django

        django.setup()
        from django.core.files.storage import default_storage

        default_storage.connection.create_bucket(Bucket="uploads")

    def start_node(self, port):
        words = [sys.executable, ROOT / ".venv/bin/gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
        return self.start(f"node-{port}", *words, environment=self.served | {"PORT": str(port)})

    # --- What happens to it ---------------------------------------------------------------------

    def nothing(self):
        pass

    def kill_a_node(self):
        os.killpg(self.masters[self.nodes[0]].pid, signal.SIGKILL)

    def bring_it_back(self):
        self.masters[self.nodes[0]] = self.start_node(self.nodes[0])

    def restart_the_database(self):
        words = [self.binaries / "pg_ctl", "-D", self.cluster / "data", "-l", self.cluster / "log", "--wait"]
        words += ["-m", "fast", "restart"]
        done = subprocess.run(words, cwd=self.cluster, capture_output=True, check=False, **unprivileged())
        assert not done.returncode, done.stderr

    def restart_in_turn(self):
        """As containers are exchanged: each is told to end, and the other goes on alone until it is back."""
        for port in self.nodes:
            self.masters[port].terminate()
            self.masters[port].wait()
            self.masters[port] = self.start_node(port)
            proxies.wait_until_listening(port)
            time.sleep(10)  # as often as the containers are asked for their health

    def update(self):
        words = [sys.executable, "-m", "scripts.update"]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("已换成新程序") == len(self.nodes), done.stdout


@dataclass
class Writer:
    """A clerk with a record of its own, who submits it, withdraws it and adds a file, again and again."""

    site: int
    record: int
    cookie: str
    steps: list[float] = field(default_factory=list)  # when each was acknowledged
    files: dict[int, str] = field(default_factory=dict)  # acknowledged: key of the attachment, SHA-256
    errors: list[tuple[float, str]] = field(default_factory=list)
    version: int = 0
    state: str = "draft"

    def work(self, stop):
        while not stop.is_set():
            before = len(self.errors)
            try:
                if self.state == "draft":
                    self._upload()
                    self._step("submit", "submitted")
                else:
                    self._step("withdraw", "draft")
                self._see()
            except (OSError, http.client.HTTPException) as error:
                self._fail(repr(error))
            if len(self.errors) > before:
                time.sleep(0.2)
                self._catch_up()

    def _fail(self, what):
        self.errors.append((time.monotonic(), what))

    def _ask(self, method, path, body=b"", **headers):
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.site, context=context, timeout=70)
        connection.sock = context.wrap_socket(proxies.connect(self.site), server_hostname=HOST)
        origin = f"{HOST}:{self.site}"
        known = {"Host": origin, "Origin": f"https://{origin}", "Cookie": self.cookie}
        try:
            connection.request(method, path, body=body or None, headers=known | headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _step(self, action, state):
        body = urlencode({"csrfmiddlewaretoken": TOKEN, "action": action, "version": self.version}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self._ask("POST", f"/records/{self.record}/act/", body, **form)
        if status != 302:
            self._fail(f"{action}: {status}")
            return
        self.steps.append(time.monotonic())
        self.version, self.state = self.version + 1, state

    def _upload(self):
        content = PDF + f"%{secrets.token_hex(8)}\n".encode()
        line = "x" * 20
        parts = [
            f'--{line}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in (("csrfmiddlewaretoken", TOKEN), ("unclassified", "on"))
        ]
        head = f'--{line}\r\nContent-Disposition: form-data; name="files"; filename="{secrets.token_hex(4)}.pdf"\r\n'
        body = b"".join([*parts, head.encode(), b"Content-Type: application/pdf\r\n\r\n", content, b"\r\n"])
        body += f"--{line}--\r\n".encode()
        form = {"Content-Type": f"multipart/form-data; boundary={line}", "Accept": "application/json"}
        status, answer = self._ask("POST", f"/records/{self.record}/files/", body, **form)
        saved = json.loads(answer)["saved"] if status == 200 else []
        if saved:
            self.files[saved[0]["id"]] = hashlib.sha256(content).hexdigest()
        elif status != 422:  # twenty are enough
            self._fail(f"upload: {status}")

    def _see(self):
        status, _ = self._ask("GET", f"/records/{self.record}/")
        if status != 200:
            self._fail(f"page: {status}")

    def _catch_up(self):
        """How the record stands after a step of which nobody knows."""
        from django.db import DatabaseError, InterfaceError, connection

        from workflow.models import Record

        try:
            self.version, self.state = Record.objects.values_list("version", "state").get(pk=self.record)
        except (DatabaseError, InterfaceError):
            pass
        finally:
            connection.close()


def people(trial):
    """Writers who are signed in, each of a department of its own."""
    from django.conf import settings
    from django.test import Client

    from tests.factories import ProjectFactory, UserFactory, battle_map

    cookies = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    found = []
    for _ in range(WRITERS):
        project = ProjectFactory()
        clerk = UserFactory(department=project.department, role="entry")
        record = battle_map(project, clerk)
        client = Client()
        client.force_login(clerk)
        session = client.cookies[cookies[0]].value
        writer = Writer(trial.site, record.pk, f"{cookies[0]}={session}; {cookies[1]}={TOKEN}")
        writer.version, writer.state = record.version, record.state
        found.append(writer)
    return found


@contextmanager
def at_work(writers):
    stop = threading.Event()
    threads = [threading.Thread(target=writer.work, args=(stop,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def lost(writers):
    """What was acknowledged and is not stored: (steps, files); and how many steps were stored without an answer."""
    from django.core.files.storage import default_storage

    from workflow.models import Attachment, Event

    steps = files = more = 0
    for writer in writers:
        stored = Event.objects.filter(record=writer.record).count()
        steps += max(0, len(writer.steps) - stored)
        more += max(0, stored - len(writer.steps))
        names = dict(Attachment.objects.filter(pk__in=writer.files).values_list("pk", "file"))
        for key, digest in writer.files.items():
            try:
                with default_storage.open(names[key]) as content:
                    files += hashlib.file_digest(content, "sha256").hexdigest() != digest
            except (KeyError, FileNotFoundError):
                files += 1
    return steps, files, more


def play(trial, writers, seconds):
    """A row for each thing that happens."""
    from django.db import connection

    yield "| what happens | acknowledged steps, files | errors | of them 503 | longest silence | lost steps, files |"
    yield "|---|---|---|---|---|---|"
    for happens, name in (
        (trial.nothing, "nothing"),
        (trial.kill_a_node, "a node is killed (-9)"),
        (trial.bring_it_back, "it is started again"),
        (trial.restart_the_database, "PostgreSQL is restarted"),
        (trial.restart_in_turn, "each node is stopped (TERM) and started in turn"),
        (trial.update, "`./run update` of both nodes"),
    ):
        before = [(len(writer.steps), len(writer.files), len(writer.errors)) for writer in writers]
        with at_work(writers):
            time.sleep(seconds / 3)
            begun = time.monotonic()
            happens()
            time.sleep(seconds * 2 / 3)
        connection.close()
        done = [at for writer, (steps, _, _) in zip(writers, before, strict=True) for at in writer.steps[steps:]]
        files = sum(len(writer.files) - count for writer, (_, count, _) in zip(writers, before, strict=True))
        errors = [
            what for writer, (_, _, count) in zip(writers, before, strict=True) for _, what in writer.errors[count:]
        ]
        times = sorted(at for at in done if at >= begun - 1)
        silence = max((later - earlier for earlier, later in pairwise(times)), default=seconds)
        missing, gone, _ = lost(writers)
        asked_to_wait = sum("503" in what for what in errors)
        yield (
            f"| {name} | {len(done)}, {files} | {len(errors)} | {asked_to_wait} | {silence:.1f} s | {missing}, {gone} |"
        )
        others = sorted({what for what in errors if "503" not in what})
        if others:
            print("   ", *others, sep="\n    ", file=sys.stderr)  # noqa: T201


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pool", action="store_true")
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        trial = Trial(stack, Path(folder), is_pooled=asked.pool)
        writers = people(trial)
        try:
            with at_work(writers):  # first answers take longer
                time.sleep(asked.seconds)
            for row in play(trial, writers, asked.seconds):
                print(row, flush=True)  # noqa: T201
        except BaseException:
            for log in Path(folder).glob("*.log"):
                print(log.name, log.read_text()[-1500:], sep="\n", file=sys.stderr)  # noqa: T201
            raise
        missing, gone, more = lost(writers)
        print(f"\n{more} steps were stored without an answer; lost: {missing} steps, {gone} files.")  # noqa: T201
    return 1 if missing or gone else 0


if __name__ == "__main__":
    sys.exit(main())
