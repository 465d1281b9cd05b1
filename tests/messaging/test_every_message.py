"""Every kind of message survives tries, the dead letters and another try, by both brokers."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from sqlalchemy import insert, null, select, update

from howmuch.mail.delivery.account_mails import KINDS
from howmuch.messaging.amqp import make_properties
from howmuch.messaging.broker import (
    FANOUT_QUEUE,
    SEND_QUEUE,
    Broker,
    DeadLetter,
    DeadLetters,
    RetryLater,
)
from howmuch.messaging.handling import RetryPolicy
from howmuch.messaging.local import LocalBroker, LocalDeadLetters
from howmuch.messaging.messages import UNREADABLE_KEY, Message, from_payload, parse, to_payload
from howmuch.messaging.rabbit import RabbitBroker
from howmuch.messaging.rabbit_dead import RabbitDeadLetters
from howmuch.messaging.relay import Relay
from howmuch.messaging.topology import DEAD_QUEUE, declare, parameters
from howmuch.storage.database import Database
from howmuch.storage.tables import CHANGE_KINDS, dead_letters, outbox
from howmuch.telemetry.origin import Origin
from howmuch.v1 import message_pb2
from tests.brokers import virtual_host
from tests.databases import closing_database
from tests.mail_delivery.people import now
from tests.waiting import until

POLICY = RetryPolicy((0,), attempts=2)
ORIGIN = {"request_id": "r-1", "traceparent": "00-1-2-01"}
KEYS = [
    *("event." + kind.lower().replace("_", ".") for kind in CHANGE_KINDS),
    *KINDS,
    "mail.send",
]
BODIES: dict[str, Any] = {
    "event": message_pb2.ChangeRecorded,
    "account": message_pb2.AccountMailRequested,
    "mail": message_pb2.DeliveryDue,
}


def payload_of(routing_key: str) -> dict[str, Any]:
    """A row as use cases write it, with a value in every field."""
    kind = BODIES[routing_key.partition(".")[0]]
    return {
        field.name: f"{field.name} é" if field.type == FieldDescriptor.TYPE_STRING else 2**53 + 1
        for field in kind.DESCRIPTOR.fields
    }


WRITTEN = {key: payload_of(key) for key in KEYS}

# The same change as earlier versions left it: put back with its number as a text, then given up as
# unreadable, then, after another try, wrapped once more.
TEXT = {"event_id": "evt_1", "revision": "5"}
GIVEN_UP = {"routing_key": "event.expense.created", "payload": TEXT}
WRAPPED = {"unreadable": json.dumps(GIVEN_UP)}
TWICE = {"unreadable": json.dumps({"routing_key": UNREADABLE_KEY, "payload": WRAPPED})}
CHANGE = message_pb2.ChangeRecorded(event_id="evt_1", revision=5)


@pytest.fixture
def own_database(fresh_database: Callable[[str], str], dialect: str) -> Iterator[Database]:
    with closing_database(fresh_database(dialect)) as database:
        yield database


@pytest.fixture(scope="module")
def rabbit_url(rabbitmq_url: str) -> Iterator[str]:
    with virtual_host(rabbitmq_url) as url:
        yield url


@pytest.fixture(params=["local", "rabbitmq"])
def rabbit(request: pytest.FixtureRequest) -> str:
    """URL of RabbitMQ; empty for the broker in the database."""
    return "" if request.param == "local" else str(request.getfixturevalue("rabbit_url"))


@pytest.fixture
def dead(own_database: Database, rabbit: str) -> DeadLetters:
    """The dead letters; at first there are none."""
    letters: DeadLetters = RabbitDeadLetters(rabbit) if rabbit else LocalDeadLetters(own_database)
    letters.drop([letter.id for letter in letters.read()])
    return letters


class Handler:
    """Notes what it is given. fails: whether it fails."""

    def __init__(self) -> None:
        self.seen: list[Message] = []
        self.fails = True
        self._lock = threading.Lock()

    def __call__(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        with self._lock:
            self.seen += messages
        for message in messages:
            parse(message)
        return [RetryLater("not now") if self.fails else None] * len(messages)

    def await_tries(self, count: int) -> None:
        """Waits until each kind was tried so often, and none more often."""

        def tried() -> bool:
            with self._lock:
                tries = Counter(message.routing_key for message in self.seen)
            return tries == dict.fromkeys(KEYS, count)

        until(tried, f"{count} tries of each kind")


@contextmanager
def relaying(database: Database, rabbit: str, handler: Handler) -> Iterator[Callable[[], None]]:
    """A function that publishes what is due, until the end of the block."""
    broker: Broker = (
        RabbitBroker(rabbit, POLICY, send_threads=1) if rabbit else LocalBroker(database, POLICY)
    )
    broker.start({FANOUT_QUEUE: handler, SEND_QUEUE: handler})
    relay = Relay(database, broker)
    if rabbit:
        until(lambda: broker._session is not None)  # type: ignore[attr-defined]

    def publish() -> None:
        while relay.publish_some():
            with database.begin() as connection:
                connection.execute(update(outbox).values(due_time=null()))

    try:
        yield publish
    finally:
        broker.stop(time.monotonic() + 10)


def write(database: Database, rows: Mapping[str, Mapping[str, Any]]) -> None:
    with database.begin() as connection:
        connection.execute(
            insert(outbox),
            [
                {"routing_key": key, "payload": payload, "create_time": now(), "origin": ORIGIN}
                for key, payload in rows.items()
            ],
        )


def test_the_kinds_are_all_there_are() -> None:
    """Every message of message.proto is among them."""
    names = {kind.DESCRIPTOR.name for kind in BODIES.values()}
    assert names == set(message_pb2.DESCRIPTOR.message_types_by_name)


def test_every_kind_comes_through_tries_and_dead_letters(
    own_database: Database, rabbit: str, dead: DeadLetters
) -> None:
    """Tried twice, dead, tried twice, dead again, then handled: each time the same message."""
    handler = Handler()
    write(own_database, WRITTEN)
    with relaying(own_database, rabbit, handler) as publish:
        for round_ in (1, 2):
            publish()
            handler.await_tries(2 * round_)
            letters = all_of(dead, len(KEYS))
            assert {each.message.attempts for each in letters} == {2}
            handler.fails = round_ == 1
            retry(dead, letters)
        publish()
        handler.await_tries(5)
    assert dead.read() == []
    for message in handler.seen:
        body = parse(message)
        assert {f.name: v for f, v in body.ListFields()} == WRITTEN[message.routing_key]
        assert message.origin == Origin(**ORIGIN)
    assert sorted(each.attempts for each in handler.seen) == sorted([0, 1, 0, 1, 0] * len(KEYS))


def all_of(dead: DeadLetters, count: int) -> Sequence[DeadLetter]:
    """The dead letters, once there are so many."""
    found: list[DeadLetter] = []

    def complete() -> bool:
        found[:] = dead.read()
        return len(found) == count

    until(complete, f"{count} dead letters", every=0.2)
    return found


def retry(dead: DeadLetters, letters: Sequence[DeadLetter]) -> None:
    """RabbitMQ takes a moment to put back what was read."""
    left = [len(letters)]

    def retried() -> bool:
        left[0] -= dead.retry([letter.id for letter in letters])
        return left == [0]

    until(retried, "dead letters that are tried again", every=0.2)


def test_row_with_its_number_as_a_text_is_handled(own_database: Database, rabbit: str) -> None:
    """Earlier versions put messages back so."""
    handler = Handler()
    handler.fails = False
    write(own_database, {"event.expense.created": TEXT})
    with relaying(own_database, rabbit, handler) as publish:
        publish()
        until(lambda: handler.seen)
    [message] = handler.seen
    assert (message.routing_key, parse(message)) == ("event.expense.created", CHANGE)


@pytest.mark.parametrize("payload", [WRAPPED, TWICE], ids=["once", "twice"])
def test_dead_letter_of_an_earlier_version_is_handled_when_retried(
    own_database: Database, rabbit: str, dead: DeadLetters, payload: dict[str, str]
) -> None:
    """It was given up as unreadable, once or several times."""
    if rabbit:
        put_into_dead_queue(rabbit, payload["unreadable"].encode())
    else:
        row = {"routing_key": UNREADABLE_KEY, "payload": payload, "attempts": 1, "error": "no"}
        with own_database.begin() as connection:
            connection.execute(
                insert(dead_letters), row | {"create_time": now(), "dead_time": now()}
            )
    handler = Handler()
    handler.fails = False
    letters = all_of(dead, 1)
    with relaying(own_database, rabbit, handler) as publish:
        retry(dead, letters)
        publish()
        until(lambda: handler.seen)
    [message] = handler.seen
    assert (message.routing_key, parse(message)) == ("event.expense.created", CHANGE)


def put_into_dead_queue(rabbit: str, body: bytes) -> None:
    import pika

    connection = pika.BlockingConnection(parameters(rabbit))
    declare(connection, POLICY.delays_seconds)
    message = Message("1", UNREADABLE_KEY, body, 1)
    properties = make_properties(message, queue=FANOUT_QUEUE, error="no")
    connection.channel().basic_publish("", DEAD_QUEUE, body, properties)
    connection.close()


def test_unreadable_message_stays_itself_from_death_to_death(
    own_database: Database, rabbit: str, dead: DeadLetters
) -> None:
    """Dead, tried again, dead again: the same letter."""
    handler = Handler()
    write(own_database, {"unheard.of": {"later": "x"}})
    with relaying(own_database, rabbit, handler) as publish:
        publish()
        [first] = all_of(dead, 1)
        retry(dead, [first])
        publish()
        until(lambda: len(handler.seen) == 2)
        [second] = all_of(dead, 1)
    assert second.message.body == first.message.body
    assert to_payload(second.message) == {"routing_key": "unheard.of", "payload": {"later": "x"}}


def test_row_of_a_later_version_is_read(own_database: Database) -> None:
    """A field that this version does not know changes nothing; the number in the database stays a number."""
    message = from_payload(
        "1", "event.expense.created", {"event_id": "evt_1", "revision": 5, "x": 1}
    )
    assert parse(message) == CHANGE
    write(own_database, {message.routing_key: to_payload(message)})
    with own_database.read() as connection:
        stored = connection.execute(select(outbox.c.payload)).scalar_one()
    assert stored == {"event_id": "evt_1", "revision": 5}
