"""The broker of those who run none: the outbox itself, handled in this process.

To publish is to handle: the relay deletes a message from the outbox when it has been handled, so one
that was cut off is still there at the next start. What is to be tried again goes back into the outbox,
what is given up into a table.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import bindparam, delete, insert, select

from howmuch.messaging.broker import (
    LARGEST_BATCHES,
    SEND_QUEUE,
    DeadLetter,
    Handler,
    queue_of,
)
from howmuch.messaging.handling import DONE, RetryPolicy, Verdict, handle
from howmuch.messaging.messages import Message, from_payload, to_payload
from howmuch.messaging.outbox import put_back
from howmuch.storage.database import Database
from howmuch.storage.tables import dead_letters

THREADS = 4
"""How many messages are handled at a time, so that one slow mail server does not hold up everything."""


class LocalBroker:
    """See howmuch.messaging.broker.Broker."""

    batch_size = max(LARGEST_BATCHES.values())

    def __init__(self, database: Database, policy: RetryPolicy) -> None:
        self._database = database
        self._policy = policy
        self._handlers: Mapping[str, Handler] = {}
        self._threads = ThreadPoolExecutor(THREADS, "messages")

    def start(self, handlers: Mapping[str, Handler]) -> None:
        """Takes the handlers; `publish` calls them."""
        self._handlers = handlers

    def publish(self, messages: Sequence[Message]) -> None:
        """Handles the messages."""
        by_queue: dict[str, list[Message]] = {}
        for message in messages:
            by_queue.setdefault(queue_of(message.routing_key), []).append(message)
        batches = [
            (queue, batch)
            for queue, waiting in by_queue.items()
            for batch in _batches(queue, waiting)
        ]
        handled = list(self._threads.map(self._handle, batches))
        unfinished = [pair for batch in handled for pair in batch if pair[1] != DONE]
        if not unfinished:
            return
        now = dt.datetime.now(dt.UTC)
        with self._database.begin() as connection:
            for message, verdict in unfinished:
                if verdict.delay_seconds is None:
                    connection.execute(insert(dead_letters), _dead_row(message, verdict, now))
                else:
                    put_back(connection, message, message.attempts + 1, now, verdict.delay_seconds)

    def stop(self, deadline: float) -> None:
        """The relay has ended before, so nothing is being handled, or is cut off."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _handle(self, batch: tuple[str, list[Message]]) -> list[tuple[Message, Verdict]]:
        queue, messages = batch
        verdicts = handle(self._handlers[queue], messages, self._policy)
        return list(zip(messages, verdicts, strict=True))


def _batches(queue: str, messages: Sequence[Message]) -> list[Sequence[Message]]:
    """Mails are spread over all threads: each waits for a server. What the database does goes together."""
    count = -(-len(messages) // LARGEST_BATCHES[queue])
    if queue == SEND_QUEUE:
        count = min(len(messages), max(count, THREADS))
    return [messages[start::count] for start in range(count)]


def _dead_row(message: Message, verdict: Verdict, now: dt.datetime) -> dict[str, object]:
    return {
        "routing_key": message.routing_key,
        "payload": to_payload(message),
        "attempts": message.attempts + 1,
        "error": verdict.error,
        "create_time": now,
        "dead_time": now,
        "origin": message.origin.to_json(),
    }


class LocalDeadLetters:
    """See howmuch.messaging.broker.DeadLetters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> list[DeadLetter]:
        """All, oldest first."""
        columns = dead_letters.c
        with self._database.read() as connection:
            rows = connection.execute(
                select(
                    columns.id,
                    columns.routing_key,
                    columns.payload,
                    columns.attempts,
                    columns.origin,
                    columns.error,
                    columns.dead_time,
                ).order_by(columns.id)
            ).all()
        return [
            DeadLetter(str(row_id), from_payload(str(row_id), *message), error, dead_time)
            for row_id, *message, error, dead_time in rows
        ]

    def retry(self, ids: Sequence[str]) -> int:
        """Puts them back into the outbox."""
        letters = [letter for letter in self.read() if letter.id in ids]
        with self._database.begin() as connection:
            for letter in letters:
                put_back(connection, letter.message, 0, dt.datetime.now(dt.UTC), 0)
            connection.execute(_DELETE, {"ids": [int(letter.id) for letter in letters]})
        return len(letters)

    def drop(self, ids: Sequence[str]) -> int:
        """Deletes them."""
        with self._database.begin() as connection:
            numbers = [int(given) for given in ids if given.isdecimal()]
            return connection.execute(_DELETE, {"ids": numbers}).rowcount


_DELETE = delete(dead_letters).where(dead_letters.c.id.in_(bindparam("ids", expanding=True)))
