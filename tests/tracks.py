"""Two threads that meet between reading and writing, for races and for their controls without row locks."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError

from django.db import connection

from workflow.refusals import StaleVersion

CONTROL_ROUNDS = 5
LOCKS = re.compile(r" FOR (NO KEY )?UPDATE( OF [\w\"]+)?")


class Track:
    """Two threads, each with its own connection, that run to the same point between reading and writing.

    `first_write` is how the SQL begins before which they wait for each other: with locks in vain, for the second
    cannot even read, so `patience` (seconds) is short; without them both have read the same when they go on.
    """

    def __init__(self, first_write, *, locks=True):
        self.first_write, self.locks, self.patience = first_write, locks, 0.01 if locks else 5
        self.pool = ThreadPoolExecutor(2)

    def race(self, *deeds):
        """What the two deeds returned, or the StaleVersion that they raised."""
        start, meeting = Barrier(2, timeout=10), Barrier(2)

        def pause(execute, sql, params, many, context):
            if not self.locks:
                sql = LOCKS.sub("", sql)
            if sql.startswith(self.first_write):
                with suppress(BrokenBarrierError):
                    meeting.wait(self.patience)
            return execute(sql, params, many, context)

        def run(deed):
            start.wait()
            with connection.execute_wrapper(pause):
                try:
                    return deed()
                except StaleVersion as refusal:
                    return refusal

        return [future.result() for future in [self.pool.submit(run, deed) for deed in deeds]]

    def close(self):
        leaving = Barrier(2, timeout=10)

        def leave():
            leaving.wait()
            connection.close()

        for future in [self.pool.submit(leave), self.pool.submit(leave)]:
            future.result()
        self.pool.shutdown()


@contextmanager
def track(first_write, **options):
    made = Track(first_write, **options)
    try:
        yield made
    finally:
        made.close()
