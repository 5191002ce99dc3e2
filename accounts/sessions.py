"""Sessions in the database, of which a use that changes nothing moves the end alone."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import base, db
from django.contrib.sessions.models import Session
from django.db import OperationalError, router, transaction

from accounts.waiting import waited_in_vain

PROLONGED_BY_AT_LEAST = timedelta(minutes=1)  # a write for each click would be one commit a page


class SessionStore(db.SessionStore):
    """Use prolongs a session. To write all of it again would take back what another answer put in meanwhile: a slow
    preview took away the sentence that a decision had succeeded.
    """

    _known: dict[str, Any] | None = None  # what the database says, as far as this request has seen
    _ends: datetime | None = None  # likewise

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = super()._get_session_from_db()  # type: ignore[misc]
        self._ends = found.expire_date if found else None
        return found

    def load(self) -> dict[str, Any]:
        found = super().load()
        self._known = deepcopy(found)
        return found

    def save(self, must_create: bool = False) -> None:
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        if must_create or self.session_key is None or data != self._known:
            try:
                super().save(must_create)
            except base.UpdateError as error:  # so Django calls a database that is away, too
                away = error.__context__
                if isinstance(away, OperationalError):
                    raise away from away.__cause__
                raise
            self._known = deepcopy(data)
            return
        ends = self.get_expiry_date()
        if self._ends and timedelta(0) <= ends - self._ends < PROLONGED_BY_AT_LEAST:
            return
        try:
            with transaction.atomic(using=router.db_for_write(self.model)):
                same = self.model.objects.filter(session_key=self.session_key)
                found = same.update(expire_date=ends)
        except OperationalError as error:
            if not waited_in_vain(error):
                raise
            return  # the next use prolongs it; what this one has saved must not be called unsaved
        if not found:
            raise base.UpdateError
