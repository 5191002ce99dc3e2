"""What is to be done every day, done in time, by one of as many processes as are started."""

import logging
import signal
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from accounts.advisory_locks import SCHEDULER, AdvisoryLock, Pooled

BEAT = 2  # seconds after which who stands by tries again, and who runs looks at the clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A command, and when it is due: every hour, every day, or on one day of the week."""

    command: str
    hour: int | None = None
    minute: int = 0
    weekday: int | None = None  # Monday is 0

    def last_due(self, now: datetime) -> datetime:
        """The latest of its times that is not after now."""
        if self.hour is None:
            at = now.replace(minute=self.minute, second=0, microsecond=0)
            return at if at <= now else at - timedelta(hours=1)
        at = now.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        while at > now or (self.weekday is not None and at.weekday() != self.weekday):
            at -= timedelta(days=1)
        return at


# Each may run any number of times. Backups are not among them: where they go is another machine's matter.
JOBS = (
    Job("anchor_audit"),
    Job("verify_audit", 2, 30),
    Job("anonymise_leavers", 3, 0),
    Job("clearsessions", 3, 30),
    Job("sweep", 4, 0, weekday=0),
    Job("remind", 8, 30),
)


class Command(BaseCommand):
    help = (
        "按时运行 remind、anchor_audit、verify_audit、anonymise_leavers、clearsessions 和 sweep（只列出）。"
        "可以在几台机器上启动：同一时刻只有一个运行，其余待命，运行的一个停止后由待命的接替。"
    )

    def handle(self, **options):
        if connection.vendor != "postgresql":
            raise CommandError("定时任务需要 PostgreSQL；使用 SQLite 的，请用 cron 逐条安排。")
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # else nothing stops the first process of a container
        try:
            while True:
                with AdvisoryLock(SCHEDULER) as lock:
                    self._take_part(lock)
                time.sleep(BEAT)
        except Pooled as error:
            raise CommandError(f"{error}。") from error
        except KeyboardInterrupt:
            self._report("定时任务已停止。")

    def _take_part(self, lock):
        """Wait until the lock is ours, then run what is due, until there is no database."""
        try:
            if not lock.take():
                self._report("定时任务由另一进程运行，本进程待命。")
                while not lock.take():
                    time.sleep(BEAT)
            self._report("本进程运行定时任务。")
            self._lead(lock)
        except (OperationalError, InterfaceError) as error:
            logger.warning("the scheduler has no database: %s", error)

    def _lead(self, lock):
        """Until the connection breaks. What should have run today may have been missed: it runs at once."""
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        done = dict.fromkeys(JOBS, midnight - timedelta(microseconds=1))
        while True:
            lock.check()
            self.run_due(timezone.localtime(), done)
            time.sleep(BEAT)

    def run_due(self, now, done):
        """The jobs whose time has come since that of `done`, which says it afterwards."""
        for job in JOBS:
            if (at := job.last_due(now)) > done[job]:
                done[job] = at
                self._run(job.command)

    def _run(self, command):
        self._report(f"开始：{command}")
        try:
            call_command(command, stdout=self.stdout, stderr=self.stderr)
        except SystemExit:  # it has said what is to be done
            logger.warning("%s: 有待处理的问题，见上面的输出", command)
        except Exception:  # whatever it is, the others go on
            logger.exception("%s failed", command)
        finally:
            close_old_connections()

    def _report(self, sentence):
        self.stdout.write(f"{timezone.localtime():%Y-%m-%d %H:%M:%S} {sentence}")
        self.stdout.flush()
