"""Marks mails as sent: one statement marks the mails of all threads that have come since the last one.

A statement for each mail would cost more than its rendering, mostly in waiting. The guarantee is the same: a
mail's message is acknowledged only after its mark is committed.
"""

import datetime as dt
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

from sqlalchemy import bindparam, null, update

from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries

_SENT = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("mails", expanding=True)))
    .values(state="SENT", done_time=bindparam("now"), lease_time=null(), token=null(), email=null())
)


@dataclass(frozen=True, slots=True)
class _Mark:
    mail: str
    committed: "Future[Exception | None]" = field(default_factory=Future)


class SentMarks:
    """Has a thread that lives as long as the process, and works while there are marks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marks: SimpleQueue[_Mark] = SimpleQueue()
        threading.Thread(target=self._loop, name="sent-marks", daemon=True).start()

    def sent(self, mail: str) -> "Future[Exception | None]":
        """Returns at once. The result is None once the mark is committed, or the error of the commit."""
        mark = _Mark(mail)
        self._marks.put(mark)
        return mark.committed

    def _loop(self) -> None:
        while True:
            marks = [self._marks.get()]
            while True:
                try:
                    marks.append(self._marks.get_nowait())
                except Empty:
                    break
            error: Exception | None = None
            try:
                mails = [mark.mail for mark in marks]
                with self._database.begin() as connection:
                    connection.execute(_SENT, {"mails": mails, "now": dt.datetime.now(dt.UTC)})
            except Exception as failed:  # noqa: BLE001 - every waiting thread tries its message again
                error = failed
            for mark in marks:
                mark.committed.set_result(error)
