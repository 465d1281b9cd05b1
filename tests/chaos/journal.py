"""What clients did: every call with its outcome, in an append-only list in memory."""

import itertools
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

REFUSED_ACCESS = frozenset({"UNAUTHENTICATED", "NOT_FOUND", "PERMISSION_DENIED"})
"""Codes that an attempt can get after an earlier attempt of the same call took effect and was cut off."""


class Outcome(StrEnum):
    """What a client knows about a call."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Call:
    """One call, with all its attempts: all have the same idempotency key.

    began, last_began, ended: ticks of the first attempt, of the last one, and of the end. session: name of
    the session, not its token. kind: of the changes that it makes; empty for a call that makes none. markers:
    texts that no other call writes, one for each change; empty if the changes carry no text of the call.
    subject_id: the changed resource; empty means not known. version: of the expense in the answer, revision:
    of the event in the answer; 0 means that the answer has none. code, reason: of a failure. ends: name of
    the session that it ends. removes: the user whom it removes from the event. seconds: when it ended, since
    the start of the campaign, for people alone.
    """

    client: str
    way: str
    user_id: str
    session: str
    method: str
    began: int
    last_began: int
    ended: int
    outcome: Outcome
    event_id: str = ""
    key: str = ""
    kind: str = ""
    markers: Sequence[str] = ()
    subject_id: str = ""
    version: int = 0
    revision: int = 0
    code: str = ""
    reason: str = ""
    attempts: int = 1
    ends: str = ""
    removes: str = ""
    seconds: float = 0.0

    @property
    def acknowledged(self) -> bool:
        """Whether it must have taken effect, once."""
        return self.outcome is Outcome.ACKNOWLEDGED

    @property
    def certainly_refused(self) -> bool:
        """Whether it must have had no effect."""
        return self.outcome is Outcome.REFUSED and self.code not in REFUSED_ACCESS

    def __str__(self) -> str:
        text = f"{self.client} {self.method} ({self.way}, ticks {self.began} to {self.ended})"
        failure = f", {self.code} {self.reason}".rstrip() if self.code else ""
        return f"{text}, {self.outcome.value}{failure}"


class Journal:
    """The calls so far. Any thread may add to it."""

    def __init__(self) -> None:
        self._ticks = itertools.count(1)
        self._calls: list[Call] = []
        self._changed = threading.Condition()
        self._acknowledged = 0
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._began

    def tick(self) -> int:
        """The next tick of the logical clock that orders calls."""
        return next(self._ticks)

    def add(self, call: Call) -> None:
        """Adds a call that has ended."""
        with self._changed:
            self._calls.append(call)
            self._acknowledged += call.acknowledged
            self._changed.notify_all()

    def calls(self) -> list[Call]:
        """A copy of the list."""
        with self._changed:
            return list(self._calls)

    def wait_for_acknowledged(self, more: int, seconds: float) -> bool:
        """Waits until so many more calls are acknowledged. False means that it took too long."""
        with self._changed:
            wanted = self._acknowledged + more
            return self._changed.wait_for(lambda: self._acknowledged >= wanted, seconds)

    def write(self, file: Path) -> None:
        """One JSON object a line."""
        with file.open("w") as output:
            for call in self.calls():
                output.write(json.dumps(asdict(call)) + "\n")
