"""The time that a call spends waiting, for its log line and its metrics."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Waits:
    """Seconds. thread: from arrival to a thread. request: for the message of the client. place: for a place
    to work. lock: for locks of the database.
    """

    thread: float = 0.0
    request: float = 0.0
    place: float = 0.0
    lock: float = 0.0

    @property
    def queued(self) -> float:
        """For the server: thread and place."""
        return self.thread + self.place


_waits: ContextVar[Waits | None] = ContextVar("waits", default=None)


def set_waits(waits: Waits) -> None:
    """Sets the record of the present call."""
    _waits.set(waits)


def add_lock_wait(seconds: float) -> None:
    """Adds to the present call's waits for locks. Work outside of calls is not recorded."""
    waits = _waits.get()
    if waits is not None:
        waits.lock += seconds
