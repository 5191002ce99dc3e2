"""The longest that a thread works for one request.

Waiting has bounds of its own: the database's, the proxy's, those of processes that read files. What they leave open is
Python that goes on and on, which gunicorn's `timeout` does not see in a thread. Code that keeps the interpreter to
itself, such as a search by a regular expression, stops the heartbeat as well, and there that timeout ends the worker.
"""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from accounts.waiting import NoTurn

TICK = 0.5  # seconds between two looks
RESPITE = 5  # seconds for the answer that says so; what went on all the same is interrupted again


class OutOfTime(NoTurn):
    """The request has taken too long."""


class _Watch:
    """One thread of each process, which interrupts those that are late."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ends: dict[int, float] = {}  # of threads
        self.late: set[int] = set()
        self.thread: threading.Thread | None = None

    @contextmanager
    def over(self, seconds: float) -> Iterator[None]:
        me = threading.get_ident()
        with self.lock:
            self.ends[me] = monotonic() + seconds
            if self.thread is None or not self.thread.is_alive():  # none yet, or it stayed behind when we forked
                self.thread = threading.Thread(target=self._look, daemon=True, name="deadlines")
                self.thread.start()
        try:
            yield
        finally:
            with self.lock:
                del self.ends[me]
                if is_late := me in self.late:
                    self.late.remove(me)
                    _interrupt(me, None)  # it must not meet who comes next
            if is_late:
                connection.close()  # it may have been in the middle of a word

    def _look(self) -> None:
        while True:
            threading.Event().wait(TICK)
            with self.lock:
                for thread, end in self.ends.items():
                    if monotonic() > end:
                        self.ends[thread] = monotonic() + RESPITE
                        self.late.add(thread)
                        _interrupt(thread, OutOfTime)


def _interrupt(thread: int, error: type[BaseException] | None) -> None:
    """Raise the error in that thread before its next instruction; None takes back what was not raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )


_watch = _Watch()


class DeadlineMiddleware:
    """What is streamed afterwards, an export that tells of its progress, is not counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with _watch.over(settings.REQUEST_SECONDS):
            return self.get_response(request)
