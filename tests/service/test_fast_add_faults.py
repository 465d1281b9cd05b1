"""Adding by one statement, when something goes wrong: locks, deadlines, faults, connections, failovers."""

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import psycopg
import pytest
from sqlalchemy import func, select, text, update

from howmuch.ledger.shares import Kind
from howmuch.ledger.split import EqualSplit
from howmuch.model import Draft, Payment, Role
from howmuch.storage.database import Database
from howmuch.storage.tables import idempotency_keys, members
from howmuch.usecases.access import authorize
from howmuch.usecases.expense_size import Input
from howmuch.usecases.expenses import new_expenses
from howmuch.usecases.fast_add import (
    ConditionalWrite,
    begin_conditional_write,
    read_snapshot,
    write_conditionally,
)
from howmuch.usecases.idempotency import Key, claim
from howmuch.usecases.tokens import hash_token
from tests.databases import closing_database, recorded_statements
from tests.rpc.running import locked, wait_for_waiting
from tests.service.adding import END, END_IDLE, Trip, before_the_statement, table_locked
from tests.service.api import Api, failure
from tests.service.conftest import serve
from tests.storage.actions import url_of
from tests.waiting import until

pytestmark = pytest.mark.fast_path


@pytest.fixture
def trip(postgres_api: Api) -> Trip:
    return Trip(postgres_api)


@pytest.fixture
def own_trip(postgres_database: Database) -> Iterator[Trip]:
    """One on a server whose connections may be broken."""
    with closing_database(url_of(postgres_database)) as database:
        for api in serve(database):
            yield Trip(api)


def test_lock_of_another_is_waited_for(trip: Trip) -> None:
    """By the ordinary way, so that writers come one after the other; and no longer than the caller waits."""
    database = trip.api.database
    with ThreadPoolExecutor(1) as threads:
        with locked(database, trip.id):
            waiting = threads.submit(trip.add)
            wait_for_waiting(database, 1)
        assert waiting.result(30).version == 1
    with locked(database, trip.id):
        call = trip.begin_to_add(seconds=0.5)
        assert call.exception(30).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        wait_for_waiting(database, 0)
    assert trip.count() == 2


def test_lock_on_a_table_is_waited_for_the_ordinary_way(own_trip: Trip) -> None:
    """The one statement gives it up, is not tried again, and nothing is written when the caller has gone."""
    database = own_trip.api.database
    with recorded_statements(database.engine) as statements, table_locked(database, "outbox"):
        call = own_trip.begin_to_add(seconds=4.0)
        until(lambda: any(each.startswith("WITH locked") for each in statements), "the lock")
        assert call.exception(30).code() is grpc.StatusCode.DEADLINE_EXCEEDED
        # The server's clock began a little later: it gives up by itself, while the lock is still held.
        wait_for_waiting(database, 0)
    assert sum(each.startswith("WITH seen") for each in statements) == 1
    assert own_trip.count() == 1


def test_key_that_another_call_has_claimed_stops_nobody_else(own_trip: Trip) -> None:
    """It is waited for the ordinary way; whoever would have been written together with it is written."""
    database, bo = own_trip.api.database, own_trip.bo
    other = bo.event()
    waiting = text(
        "SELECT query FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )

    def waits_for_the_key() -> bool:
        with database.read() as connection:
            return "INSERT INTO idempotency_keys" in str(
                connection.execute(waiting).scalars().all()
            )

    with ThreadPoolExecutor(4) as threads:
        with database.begin() as connection:
            claimed = Key("k", b"1" * 32)
            claim(connection, bo.user_id, claimed, dt.datetime.now(dt.UTC))
            headers = (("idempotency-key", "k"),)
            late = threads.submit(own_trip.add, metadata=headers)
            others = [
                threads.submit(bo.spend, other.id, other.member_id, "1.00", other.member_id)
                for _ in range(3)
            ]
            assert [each.result(30).version for each in others] == [1] * 3
            until(waits_for_the_key, "the key is waited for")
            connection.rollback()
        assert late.result(30).version == 1
    assert own_trip.count() == 2


def test_attempt_whose_deadline_has_passed_is_not_written(trip: Trip) -> None:
    """However long it has waited for its turn: nothing is written for a caller who was told so."""
    database, now = trip.api.database, dt.datetime.now(dt.UTC)
    token_hash = hash_token(trip.bo.token)
    written = []
    for seconds in (-0.1, 10.0):
        with database.autocommit(5.0) as connection:
            caller = authorize(connection, token_hash, now, trip.id, Role.EDITOR)
            write = begin_conditional_write(read_snapshot(connection, caller, None, 0), now)
            _, inserts = new_expenses(write, [Input(dinner_of(trip), "expense")])
            attempt = ConditionalWrite(write, token_hash, time.monotonic() + seconds, 0, inserts)
            written.append(write_conditionally(connection, [attempt]))
    assert written == [set(), {trip.id}]
    assert trip.count() == 2


def dinner_of(trip: Trip) -> Draft:
    """Bo pays for himself and Cy."""
    return Draft(
        kind=Kind.EXPENSE,
        reason="Dinner",
        date=dt.date(2026, 11, 22),
        category="",
        notes="",
        currency_code="EUR",
        amount_minor=900,
        payments=(Payment(trip.bo_id, 900),),
        split=EqualSplit((trip.bo_id, trip.cy_id)),
    )


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (psycopg.errors.QueryCanceled, ""),
        (psycopg.errors.LockNotAvailable, ""),
        (psycopg.errors.DeadlockDetected, ""),
        (psycopg.errors.CheckViolation, ""),
        (RuntimeError, "INTERNAL"),
    ],
)
def test_fault_of_the_statement_is_not_one_of_the_call(
    own_trip: Trip, kind: type[Exception], told: str
) -> None:
    """What PostgreSQL refuses goes the ordinary way; a fault of ours is told, and nothing is written."""

    def fail(_connection: Any) -> None:
        raise kind("no luck")

    with before_the_statement(own_trip.api.database, fail):
        seen = failure(own_trip.add).code if told else own_trip.add().version
    assert seen == (told or 1)
    assert own_trip.count() == (1 if told else 2)
    own_trip.add()


def test_what_was_seen_before_a_failover_is_not_believed(
    own_trip: Trip, postgres_database: Database
) -> None:
    """The server behind the new connection may have lost a revision, and have another by its number."""
    with own_trip.api.database.begin() as connection:
        connection.execute(
            update(members).where(members.c.id == own_trip.bo_id).values(role="VIEWER")
        )
    own_trip.add()
    with postgres_database.read() as connection:
        connection.execute(END_IDLE)
    assert failure(own_trip.add).reason == "ROLE_TOO_SMALL"


def test_connections_that_died_in_the_pool_are_noticed(
    own_trip: Trip, postgres_database: Database
) -> None:
    """After a restart of PostgreSQL a call that goes by what is remembered notices nothing."""
    for _ in range(3):
        with postgres_database.read() as connection:
            connection.execute(END_IDLE)
        own_trip.add()
    assert own_trip.count() == 4


@pytest.mark.parametrize("with_key", [False, True])
def test_connection_that_breaks_leaves_all_or_nothing(own_trip: Trip, with_key: bool) -> None:
    """The caller is told that it is not known; the same key does it once."""
    database = own_trip.api.database
    headers = (("idempotency-key", "k"),) if with_key else ()

    def end(connection: Any) -> None:
        with database.read() as other:
            other.execute(END, {"pid": connection.info.backend_pid})

    with before_the_statement(database, end):
        assert failure(lambda: own_trip.add(metadata=headers)).reason == "DATABASE_UNAVAILABLE"
    assert own_trip.count() == 1
    own_trip.add(metadata=headers)
    own_trip.add(metadata=headers)
    assert own_trip.count() == (2 if with_key else 3)
    with database.read() as connection:
        keys = select(func.count()).where(idempotency_keys.c.user_id == own_trip.bo.user_id)
        assert connection.execute(keys).scalar_one() == int(with_key)
