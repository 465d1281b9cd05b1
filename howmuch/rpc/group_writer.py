"""Writes planned changes of several calls together, each on the condition that its snapshot still holds."""

import time
from collections.abc import Sequence
from enum import Enum, auto

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from howmuch.runtime.group_commit import GroupCommit
from howmuch.storage.database import DEFAULT_TIMEOUT_SECONDS, Database
from howmuch.storage.database_errors import is_refused_write
from howmuch.usecases.fast_add import ConditionalWrite, write_conditionally

MOST_AT_ONCE = 32


class Outcome(Enum):
    """Result of one write. STALE: its snapshot no longer holds. UNKNOWN: the connection broke.

    Only WRITTEN and UNKNOWN may have changed the database.
    """

    WRITTEN = auto()
    STALE = auto()
    FAILED = auto()
    UNKNOWN = auto()


class GroupWriter:
    """One per process; any thread may use it. One statement at a time writes everything that waits."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._group = GroupCommit(self._write_all, MOST_AT_ONCE)

    def write(self, wanted: ConditionalWrite) -> Outcome:
        """Waits for its turn until the deadline of the call; FAILED if the turn does not come."""
        try:
            return self._group(wanted, wanted.deadline - time.monotonic())
        except TimeoutError:
            return Outcome.FAILED

    def _write_all(self, group: Sequence[ConditionalWrite]) -> list[Outcome]:
        """The outcomes, in order. Of the writes to one event only the first can succeed."""
        with self._database.autocommit(DEFAULT_TIMEOUT_SECONDS) as connection:
            generation = self._database.generation_of(connection)
            first: dict[str, ConditionalWrite] = {}
            for each in group:
                if each.generation == generation:
                    first.setdefault(each.write.event.id, each)
            outcomes = _written(connection, tuple(first.values())) if first else {}
        return [outcomes.get(each, Outcome.STALE) for each in group]


def _written(
    connection: Connection, wanted: Sequence[ConditionalWrite]
) -> dict[ConditionalWrite, Outcome]:
    try:
        written = write_conditionally(connection, wanted)
    except DBAPIError as error:
        # One of them may be to blame, and the others not: each takes the ordinary way.
        # A server that is read-only has written nothing, although the connection ends.
        is_unknown = error.connection_invalidated and not is_refused_write(error.orig)
        failed = Outcome.UNKNOWN if is_unknown else Outcome.FAILED
        return dict.fromkeys(wanted, failed)
    return {
        each: Outcome.WRITTEN if each.write.event.id in written else Outcome.STALE
        for each in wanted
    }
