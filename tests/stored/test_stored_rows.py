"""Rows that each release has written are read by this program, on both databases.

`write.py` has made the files. A file is loaded into the tables of its release, which are then migrated.
"""

import datetime as dt
import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import symbol_database
from google.protobuf.json_format import MessageToDict
from sqlalchemy import MetaData, func, select, update

from howmuch.mail.delivery.mailers import DirectoryMailer
from howmuch.messaging.local import LocalDeadLetters
from howmuch.storage import migrate, tables
from howmuch.storage.database import Database
from howmuch.usecases.folding import fold
from howmuch.usecases.ledger_check import check_ledger
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import closing_database
from tests.mail_delivery.conftest import working
from tests.mail_delivery.counts import count, unsent
from tests.mail_delivery.people import now
from tests.service.api import Api, Person
from tests.service.conftest import serve
from tests.waiting import until

RELEASES = sorted(Path(__file__).parent.glob("*.json.gz"))
LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
SHIFTED = "expire_time"


@dataclass(frozen=True)
class Stored:
    """A server over the rows of a release."""

    api: Api
    calls: Sequence[dict[str, Any]]

    @property
    def database(self) -> Database:
        return self.api.database

    def owners(self) -> list[Person]:
        """Everybody who made the calls."""
        return [self.api.caller(token) for token in dict.fromkeys(c["token"] for c in self.calls)]


def from_text(value: Any, dialect: str) -> Any:
    """The inverse of `to_text` of write.py."""
    match value:
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"date": text}:
            return dt.date.fromisoformat(text)
        case {"instant": text}:
            instant = dt.datetime.fromisoformat(text)
            return instant.replace(tzinfo=None) if dialect == "sqlite" else instant
        case {"json": document}:
            return document
    return value


def load(database: Database, written: dict[str, list[dict[str, Any]]]) -> None:
    """Puts the rows into the tables as they are in the database."""
    found = MetaData()
    found.reflect(database.engine)
    with database.begin() as connection:
        for name, rows in written.items():
            values = [
                {column: from_text(value, database.dialect) for column, value in row.items()}
                for row in rows
            ]
            if values:
                connection.execute(found.tables[name].insert(), values)


def make_young(database: Database) -> None:
    """As if the release had written them a moment ago."""
    with database.begin() as connection:
        for column, value in (
            (tables.sessions.c.expire_time, LATER),
            (tables.invitations.c.expire_time, LATER),
            (tables.idempotency_keys.c.create_time, now()),
        ):
            connection.execute(update(column.table).values({column.name: value}))


def served(url: str, revision: str, rows: dict[str, list[dict[str, Any]]]) -> Iterator[Api]:
    """A server over rows of a revision, in an empty database that is migrated from there."""
    migrate.upgrade(url, revision)
    with closing_database(url) as database:
        load(database, rows)
    migrate.upgrade(url)
    with closing_database(url) as database:
        make_young(database)
        yield from serve(database)


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".json.gz"))
def stored(
    request: pytest.FixtureRequest, dialect: str, fresh_database: Callable[..., str]
) -> Iterator[Stored]:
    document = json.loads(gzip.decompress(request.param.read_bytes()))
    for api in served(
        fresh_database(dialect, empty=True), document["revision"], document["tables"]
    ):
        yield Stored(api, document["calls"])


LATER_KINDS = {"0.1.0.json.gz": {"COMMENT_ADDED", "COMMENT_DELETED"}}
"""Release to the kinds of changes that it did not know."""


def test_there_are_rows_of_a_release() -> None:
    """And of every table, of every kind of change that it knew and of every split."""
    assert RELEASES
    for path in RELEASES:
        written = json.loads(gzip.decompress(path.read_bytes()))["tables"]
        assert [name for name, rows in written.items() if not rows] == []
        kinds = {row["kind"] for row in written["changes"]}
        assert kinds == set(tables.CHANGE_KINDS) - LATER_KINDS.get(path.name, set())
        modes = {row["split"]["json"]["mode"] for row in written["expenses"]}
        assert modes == {"equal", "weights", "percent", "exact", "adjusted", "itemized"}
        assert any("unreadable" in r["payload"]["json"] or r for r in written["dead_letters"])


def test_calls_are_answered_as_then(stored: Stored) -> None:
    """Lists with the page tokens of that release, and repeated writes with their idempotency keys."""
    services = {"users": 0, "events": 0, "expenses": 0}
    for call in stored.calls:
        person = stored.api.caller(call["token"])
        request = (
            symbol_database.Default()
            .GetSymbol(call["request"]["type"])
            .FromString(bytes.fromhex(call["request"]["hex"]))
        )
        metadata = [("idempotency-key", call["key"])] if call["key"] else []
        answer = getattr(getattr(person, call["service"]), call["method"])(
            request, metadata=metadata
        )
        said = MessageToDict(answer, preserving_proto_field_name=True)
        assert has_all_of(call["answer"], said), (call["method"], call["answer"], said)
        services[call["service"]] += 1
    assert all(services.values())


def has_all_of(then: Any, said: Any) -> bool:
    """Whether each field of then is there, with its value; later releases may add fields."""
    if isinstance(then, dict):
        return isinstance(said, dict) and all(
            name == SHIFTED or (name in said and has_all_of(value, said[name]))
            for name, value in then.items()
        )
    if isinstance(then, list):
        return len(then) == len(said) and all(map(has_all_of, then, said))
    return bool(then == said)


def test_history_is_watched_and_restored(stored: Stored) -> None:
    """Each change comes by the stream, each version of each expense can be restored, and the sums hold."""
    for owner in stored.owners():
        for event in owner.events.ListEvents(es.ListEventsRequest()).events:
            watched = owner.events.WatchEvent(es.WatchEventRequest(event_id=event.id))
            changes = list(islice(watched, event.revision))
            watched.cancel()
            assert [change.revision for change in changes] == list(range(1, event.revision + 1))
            assert all(c.HasField("before") or c.HasField("after") for c in changes)
            restore_all(owner, event.id)
    with stored.database.read() as connection:
        assert check_ledger(connection) == []


def restore_all(owner: Person, event_id: str) -> None:
    listed = owner.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id))
    for expense in listed.expenses:
        of_expense: dict[str, Any] = {"event_id": event_id, "expense_id": expense.id}
        versions = owner.expenses.ListExpenseVersions(xs.ListExpenseVersionsRequest(**of_expense))
        assert len(versions.versions) == expense.version
        for version in versions.versions:
            restored = owner.expenses.RestoreExpenseVersion(
                xs.RestoreExpenseVersionRequest(**of_expense, version=version.version)
            )
            assert (restored.amount, restored.shares) == (version.amount, version.shares)


def test_rows_are_folded_and_told(stored: Stored) -> None:
    """Texts are in the search, days are those of the creator, and history says each change without ids."""
    with stored.database.read() as connection:
        for row in connection.execute(select(tables.expenses)):
            text = f"{row.reason}\n{row.notes}"
            assert row.search_text == (None if text.isascii() else fold(text))
            assert row.search_version == row.version
    for owner in stored.owners():
        for event in owner.events.ListEvents(es.ListEventsRequest()).events:
            changes = owner.events.ListChanges(
                es.ListChangesRequest(event_id=event.id, page_size=500)
            ).changes
            told = " ".join(str((c.summary, [d.old_value for d in c.differences])) for c in changes)
            assert all(change.summary for change in changes)
            assert not re.search("(evt|mbr|inv|exp|usr)_", told)
            plain, dated = es.GetBalancesRequest(event_id=event.id), es.GetBalancesRequest()
            dated.CopyFrom(plain)
            dated.as_of_date = "2199-12-31"
            for found, now_ in zip(
                *(owner.events.GetBalances(r).currencies for r in (dated, plain)), strict=True
            ):
                assert list(found.debts) == list(now_.debts)
                nets = {m.member_id: m.net for m in now_.members}
                assert {m.member_id: m.net for m in found.members}.items() <= nets.items()


def test_messages_and_mails_are_sent(stored: Stored, tmp_path: Path) -> None:
    """Those that wait, those that were put back, and those that were given up, once they are retried."""
    database = stored.database
    dead = LocalDeadLetters(database)
    letters = dead.read()
    assert letters
    assert dead.retry([letter.id for letter in letters]) == len(letters)
    with database.begin() as connection:
        connection.execute(update(tables.outbox).values(due_time=None))
        connection.execute(update(tables.deliveries).values(due_time=now()))
    mails = count(database, select(func.count()).where(tables.deliveries.c.done_time.is_(None)))
    with working(database, DirectoryMailer(tmp_path / "mail")):
        until(lambda: not unsent(database))
    assert dead.read() == []
    assert len(list((tmp_path / "mail").iterdir())) > mails > 0
    with database.read() as connection:
        states = set(connection.execute(select(tables.deliveries.c.state)).scalars())
    assert states <= {"SENT", "SKIPPED"}
