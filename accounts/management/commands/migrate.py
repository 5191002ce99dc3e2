"""`migrate`, by one process at a time: two machines that are updated at once do not migrate the same database twice."""

import time
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connection

from accounts.advisory_locks import MIGRATION, AdvisoryLock, Pooled


class Command(migrate.Command):
    def handle(self, *args, **options):
        with self._alone():
            super().handle(*args, **options)

    @contextmanager
    def _alone(self):
        if connection.vendor != "postgresql":  # SQLite has one writer
            yield
            return
        with AdvisoryLock(MIGRATION) as lock:
            try:
                if not lock.take():
                    self.stdout.write("另一进程正在更新数据库，等它完成 …")
                    self.stdout.flush()
                    while not lock.take():
                        time.sleep(0.5)
            except Pooled as error:
                raise CommandError(f"{error}。") from error
            with connection.cursor() as cursor:  # what builds an index of years takes longer than other statements may
                cursor.execute("SET statement_timeout = 0")
            yield
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")
