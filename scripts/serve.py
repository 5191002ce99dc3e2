"""Bring the database, the static files and the demo data up to date, then serve them with gunicorn."""

import hashlib
import os
import sys

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, ProgrammingError, connection
from gunicorn.app.wsgiapp import WSGIApplication

from accounts.waiting import command_refusal
from scripts.install import ROOT, once

DEMO_PASSWORD = "Demo-2026!"


def collect_static(*, clear):
    """`clear`: without the files of former versions."""
    sources = [
        ROOT / "package-lock.json",
        ROOT / "requirements.txt",
        *sorted(path for path in (ROOT / "static").rglob("*") if path.is_file()),
    ]

    @once(
        settings.STATIC_ROOT / ".stamp",
        *(f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in sources),
    )
    def collect():
        call_command("collectstatic", interactive=False, clear=clear, verbosity=0)


def prepare():
    from reform.models.due_schedule import catch_up

    call_command("migrate", interactive=False, verbosity=0)
    call_command("demo_city", if_empty=True)
    catch_up()
    collect_static(clear=True)


def announce(server):
    """Where it listens, and the demo accounts that are still there."""
    from accounts.models import User

    print(f"\n已启动：http://{server.address[0][0]}:{server.address[0][1]}（按 Ctrl+C 停止）")
    phones = [f"1390000000{last}" for last in range(1, 9)] + ["13900000998"]
    people = list(User.objects.select_related("department").filter(phone__in=phones))
    if people:
        print(f"演示账号，密码 {DEMO_PASSWORD}：")
    for user in people:
        initial = f"（初始密码 {settings.INITIAL_PASSWORD}）" if user.must_change_password else ""
        print(f"  {user.phone}  {user.department} · {user.get_role_display()}{initial}")
    sys.stdout.flush()
    connection.close()  # nothing that the workers would inherit


class Server(WSGIApplication):
    def load_config(self):
        super().load_config()
        note = self.cfg.when_ready

        def when_ready(server):
            note(server)
            announce(server)

        self.cfg.set("when_ready", when_ready)
        self.cfg.set("loglevel", "warning")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except (ImproperlyConfigured, ValueError) as error:
        sys.exit(f"设置有误（{error}）：请对照 README 的设置表改正环境变量，再运行一次。")
    try:
        prepare()
    except (OperationalError, ProgrammingError) as error:
        sys.exit(command_refusal(error))
    connection.close()
    # By this a server that takes over the socket is started.
    sys.argv = [str(ROOT / ".venv" / "bin" / "gunicorn"), "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
    Server("%(prog)s [OPTIONS] [APP_MODULE]", prog="gunicorn").run()


if __name__ == "__main__":
    main()
