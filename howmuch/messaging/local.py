"""The broker without RabbitMQ: this process handles the messages of the outbox itself.

To publish is to handle. The relay deletes a message from the outbox once it was handled, so a message that
was cut off is still there at the next start. A message to be tried again goes back into the outbox; a dead
letter goes into a table.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from howmuch.messaging.broker import LARGEST_BATCHES, SEND_QUEUE, DeadLetter, Handler, queue_of
from howmuch.messaging.handling import DONE, RetryPolicy, Verdict, handle
from howmuch.messaging.messages import Message, from_payload, to_payload
from howmuch.messaging.outbox import put_back
from howmuch.storage.database import Database
from howmuch.storage.tables import dead_letters

THREADS = 4
"""How many batches are handled at a time, so that one slow mail server does not delay all messages."""

_ALL = select(dead_letters).order_by(dead_letters.c.id)
_DELETE = delete(dead_letters).where(dead_letters.c.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class _Batch:
    queue: str
    messages: Sequence[Message]


class LocalBroker:
    """Implements howmuch.messaging.broker.Broker."""

    batch_size = max(LARGEST_BATCHES.values())

    def __init__(self, database: Database, policy: RetryPolicy) -> None:
        self._database = database
        self._policy = policy
        self._handlers: Mapping[str, Handler] = {}
        self._threads = ThreadPoolExecutor(THREADS, "messages")
        self.on_ready: Callable[[], None] = lambda: None  # It is never away.

    def start(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def publish(self, messages: Sequence[Message]) -> None:
        by_queue: dict[str, list[Message]] = {}
        for message in messages:
            by_queue.setdefault(queue_of(message.routing_key), []).append(message)
        batches = [
            batch for queue, waiting in by_queue.items() for batch in _batches(queue, waiting)
        ]
        verdicts = self._threads.map(self._handle, batches)
        unfinished = [
            (message, verdict)
            for batch, decided in zip(batches, list(verdicts), strict=True)
            for message, verdict in zip(batch.messages, decided, strict=True)
            if verdict != DONE
        ]
        if not unfinished:
            return
        now = dt.datetime.now(dt.UTC)
        with self._database.begin() as connection:
            for message, verdict in unfinished:
                if verdict.delay_seconds is None:
                    connection.execute(insert(dead_letters), _dead_row(message, verdict, now))
                else:
                    attempts = message.attempts + verdict.attempts
                    put_back(connection, message, attempts, now, verdict.delay_seconds)

    def stop(self, deadline: float) -> None:
        """The relay has stopped before, so no message is being handled, or it is cut off."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _handle(self, batch: _Batch) -> list[Verdict]:
        return handle(self._handlers[batch.queue], batch.messages, self._policy)


def _batches(queue: str, messages: Sequence[Message]) -> list[_Batch]:
    """Spreads mails over all threads, since each waits for a mail server; other messages stay together."""
    count = -(-len(messages) // LARGEST_BATCHES[queue])
    if queue == SEND_QUEUE:
        count = min(len(messages), max(count, THREADS))
    return [_Batch(queue, messages[start::count]) for start in range(count)]


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
    """Implements howmuch.messaging.broker.DeadLetters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> list[DeadLetter]:
        with self._database.read() as connection:
            rows = connection.execute(_ALL).all()
        letters = []
        for row in rows:
            name = str(row.id)
            message = from_payload(name, row.routing_key, row.payload, row.attempts, row.origin)
            letters.append(DeadLetter(name, message, row.error, row.dead_time))
        return letters

    def retry(self, ids: Sequence[str]) -> int:
        letters = [letter for letter in self.read() if letter.id in ids]
        with self._database.begin() as connection:
            for letter in letters:
                put_back(connection, letter.message, 0, dt.datetime.now(dt.UTC), 0)
            connection.execute(_DELETE, {"ids": [int(letter.id) for letter in letters]})
        return len(letters)

    def drop(self, ids: Sequence[str]) -> int:
        with self._database.begin() as connection:
            numbers = [int(given) for given in ids if given.isdecimal()]
            return connection.execute(_DELETE, {"ids": numbers}).rowcount
