"""Notes which mails are sent: those of all threads together, by one statement as soon as the last is done.

Each note by itself would cost a mail more than its rendering does, most of it waiting. What counts stays as
it was: a mail's message is acknowledged only once its note is committed.
"""

import datetime as dt
import threading
from queue import Empty, SimpleQueue

from sqlalchemy import bindparam, null, update

from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries

_SENT = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("mails", expanding=True)))
    .values(state="SENT", done_time=bindparam("now"), lease_time=null(), token=null())
)


class SentMark:
    """That one mail is sent."""

    def __init__(self, mail: str) -> None:
        self.mail = mail
        self._done = threading.Event()
        self._error: Exception | None = None

    def end(self, error: Exception | None) -> None:
        """It is committed, or cannot be."""
        self._error = error
        self._done.set()

    def wait(self) -> Exception | None:
        """Until it is committed; why it could not be, or None."""
        self._done.wait()
        return self._error


class SentMarks:
    """A thread that lives as long as the process, and works while there are notes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._notes: SimpleQueue[SentMark] = SimpleQueue()
        threading.Thread(target=self._loop, name="sent-marks", daemon=True).start()

    def sent(self, mail: str) -> SentMark:
        """Returns at once."""
        note = SentMark(mail)
        self._notes.put(note)
        return note

    def _loop(self) -> None:
        while True:
            notes = [self._notes.get()]
            while True:
                try:
                    notes.append(self._notes.get_nowait())
                except Empty:
                    break
            error: Exception | None = None
            try:
                mails = [note.mail for note in notes]
                with self._database.begin() as connection:
                    connection.execute(_SENT, {"mails": mails, "now": dt.datetime.now(dt.UTC)})
            except Exception as failed:  # noqa: BLE001 - whoever waits for it tries the message again
                error = failed
            for note in notes:
                note.end(error)
