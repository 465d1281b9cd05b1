"""One event that stays locked: its writers are refused in time, and all other calls go on."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from structlog.testing import capture_logs

from howmuch.storage.database import Database
from tests.databases import closing_database
from tests.rpc.running import locked, me, refusal, rename, running, wait_for_waiting
from tests.service.api import Api, Person, failure
from tests.storage.actions import url_of
from tests.waiting import until

THREADS = 8
"""Of the server, which has as many connections: half of them may wait for one event."""


@pytest.fixture
def patient(postgres_database: Database) -> Iterator[Api]:
    """A server that waits for a lock as long as a call has time."""
    yield from serve(postgres_database, 60.0)


@pytest.fixture
def impatient(postgres_database: Database) -> Iterator[Api]:
    """A server that waits shortly."""
    yield from serve(postgres_database, 0.05)


def serve(shared: Database, seconds: float) -> Iterator[Api]:
    url, size = url_of(shared), THREADS
    with (
        closing_database(url, pool_size=size, lock_timeout_seconds=seconds) as database,
        running(database, threads=THREADS) as (_, api),
    ):
        yield api


def spend(person: Person, event: Any) -> Any:
    return person.spend(event.id, event.member_id, "1.00", event.member_id)


@pytest.mark.parametrize("write", [spend, lambda person, event: rename(person, event.id, "Porto")])
def test_write_to_a_locked_event_is_refused_in_time(
    impatient: Api, postgres_database: Database, write: Any
) -> None:
    """It says why, when to come back, and that nothing was saved; the log line has the time."""
    ana = impatient.person()
    event = ana.event()
    with locked(postgres_database, event.id), capture_logs() as logs:
        seen = failure(lambda: write(ana, event))
    assert (seen.code, seen.reason) == ("UNAVAILABLE", "LOCK_TIMEOUT")
    assert seen.details["RetryInfo"].retry_delay.ToMilliseconds() == 1000
    [line] = [line for line in logs if line.get("reason") == "LOCK_TIMEOUT"]
    assert line["lock_ms"] >= 50
    assert ana.revision(event.id) == event.revision
    write(ana, event)


@pytest.mark.parametrize("keyed", [False, True])
def test_writers_of_a_locked_event_leave_threads_for_others(
    patient: Api, postgres_database: Database, keyed: bool
) -> None:
    """Twice as many writers as threads: half of the threads wait, and the other writers are refused.

    keyed: all of them repeat one call, and wait for its idempotency key instead.
    """
    ana, database = patient.person(), postgres_database
    event, other = ana.event(), ana.event()
    headers = (("idempotency-key", "one"),) if keyed else ()

    def write(_number: int) -> Any:
        return ana.spend(event.id, event.member_id, "1.00", event.member_id, metadata=headers)

    with ThreadPoolExecutor(2 * THREADS) as threads:
        with locked(database, event.id):
            writers = [threads.submit(write, number) for number in range(2 * THREADS)]
            until(lambda: sum(writer.done() for writer in writers) >= 2 * THREADS - 5, "refusals")
            for _ in range(3):
                spend(ana, other)
                rename(ana, other.id, "Oslo")
                assert me(ana).id == ana.user_id
            waiting = [writer for writer in writers if not writer.done()]
            assert len(waiting) in ((4, 5) if keyed else (4,))
        done = [writer.result(timeout=30) for writer in waiting]
    refused: list[Future[Any]] = [writer for writer in writers if writer not in waiting]
    assert {refusal(writer).reason for writer in refused} == {"LOCK_TIMEOUT"}
    assert len({expense.id for expense in done}) == (1 if keyed else len(done))


def test_several_locked_events_leave_threads_for_others(
    patient: Api, postgres_database: Database
) -> None:
    """Three quarters of the threads may wait for locks, however many events are locked."""
    ana, database = patient.person(), postgres_database
    events, other = [ana.event() for _ in range(3)], ana.event()
    with ThreadPoolExecutor(3 * THREADS) as threads:
        with (
            locked(database, events[0].id),
            locked(database, events[1].id),
            locked(database, events[2].id),
        ):
            writers = [
                threads.submit(rename, ana, event.id, "Porto")
                for _ in range(THREADS)
                for event in events
            ]
            until(lambda: sum(writer.done() for writer in writers) == 3 * THREADS - 6, "refusals")
            rename(ana, other.id, "Oslo")
            assert me(ana).id == ana.user_id
            waiting = [writer for writer in writers if not writer.done()]
        for writer in waiting:
            writer.result(timeout=30)


def test_group_does_not_wait_for_a_locked_event(patient: Api, postgres_database: Database) -> None:
    """Adds to other events are written by one statement each, while an add to the locked one waits."""
    ana, database = patient.person(), postgres_database
    event, other = ana.event(), ana.event()
    spend(ana, event)
    spend(ana, other)
    with ThreadPoolExecutor(1) as threads, locked(database, event.id):
        writer = threads.submit(spend, ana, event)
        wait_for_waiting(database, 1)
        for _ in range(3):
            spend(ana, other)
        assert not writer.done()
    writer.result(timeout=30)
