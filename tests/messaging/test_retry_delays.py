"""How long is waited before each try: of messages, and of connections to servers that are down."""

import datetime as dt
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from redis import ConnectionError as RedisDown
from sqlalchemy import insert, select
from structlog.testing import capture_logs

from howmuch.app import live
from howmuch.broadcast.redis import RedisBroadcast
from howmuch.client.retries import service_config
from howmuch.config.etcd import EtcdError
from howmuch.config.mail import BrokerSettings
from howmuch.messaging import relay as relay_module
from howmuch.messaging.broker import FANOUT_QUEUE, SEND_QUEUE, BrokerDown, GiveUp, RetryLater
from howmuch.messaging.handling import DONE, RetryPolicy, handle
from howmuch.messaging.local import LocalBroker
from howmuch.messaging.messages import Message
from howmuch.messaging.outbox import next_messages
from howmuch.messaging.rabbit import RabbitBroker
from howmuch.messaging.relay import Relay
from howmuch.messaging.topology import retry_exchange
from howmuch.runtime.grpc_channel import RECONNECT_OPTIONS
from howmuch.storage import migrate, tables
from tests.brokers import virtual_host
from tests.databases import closing_database
from tests.waiting import until

MINUTE, HOUR = 60, 3600


def delays_of(policy: RetryPolicy, error: Exception | None = None) -> list[int | None]:
    """The delay after each try of a message that always fails, until it is given up."""
    found: list[int | None] = []
    for attempts in itertools.count():
        message = Message("1", "mail.send", b"{}", attempts)
        verdicts = handle(lambda _: [error or RetryLater("no")], [message], policy)
        found.append(verdicts[0].delay_seconds)
        if found[-1] is None:
            return found
    raise AssertionError("it is tried for ever")


def test_delays_of_the_default_settings() -> None:
    """Ten seconds, a minute, ten minutes, then every hour; the 28th try is the last: about a day."""
    settings = BrokerSettings()
    policy = RetryPolicy(settings.retry_delays_seconds, settings.max_attempts)
    delays = delays_of(policy)
    assert delays == [10, MINUTE, 10 * MINUTE, *[HOUR] * 24, None]


@pytest.mark.parametrize(
    ("delays", "attempts", "expected"),
    [
        ((1, 2, 3), 5, [1, 2, 3, 3, None]),
        ((1, 2, 3), 4, [1, 2, 3, None]),
        ((1, 2, 3), 3, [1, 2, None]),
        ((7,), 3, [7, 7, None]),
        ((7, 8), 1, [None]),
    ],
)
def test_each_try_has_the_delay_of_its_place(
    delays: tuple[int, ...], attempts: int, expected: list[int | None]
) -> None:
    """The second delay follows the second try; the last one stays; the last try has none."""
    assert delays_of(RetryPolicy(delays, attempts)) == expected


def test_error_decides_whether_there_is_another_try() -> None:
    """A message that can never be handled is given up at once; a fault of the program is tried again."""
    policy = RetryPolicy((1, 2), 3)
    assert delays_of(policy, GiveUp("never")) == [None]
    assert delays_of(policy, ValueError("never")) == [None]
    assert delays_of(policy, KeyError("a fault")) == [1, 2, None]


def test_errors_stay_with_their_messages() -> None:
    """Of messages that come together, each has its own verdict."""
    messages = [Message(str(number), "mail.send", b"{}", number) for number in range(3)]
    answers = [RetryLater("no"), None, RetryLater("no")]
    verdicts = handle(lambda _: answers, messages, RetryPolicy((5, 6, 7), 9))
    assert [verdict.delay_seconds for verdict in verdicts] == [5, None, 7]
    assert verdicts[1] == DONE


def test_broker_in_the_database_puts_a_message_back_for_its_delay(
    fresh_database: Callable[[str], str],
) -> None:
    """The first, the second and the third try are each due after the delay of that place."""
    url = fresh_database("sqlite")
    migrate.upgrade(url)
    with closing_database(url) as database:
        broker = LocalBroker(database, RetryPolicy((100, 2000, 30000), 9))
        broker.start({SEND_QUEUE: lambda batch: [RetryLater("no")] * len(batch)})
        before = dt.datetime.now(dt.UTC)
        broker.publish([Message(str(n), "mail.send", b"{}", n) for n in range(3)])
        after = dt.datetime.now(dt.UTC)
        columns = (tables.outbox.c.attempts, tables.outbox.c.due_time)
        with database.read() as connection:
            due = [
                len(next_messages(connection, before + dt.timedelta(seconds=seconds), 10))
                for seconds in (0, 99, 1999, 29999, 40000)
            ]
            rows = {row.attempts: row.due_time for row in connection.execute(select(*columns))}
        broker.stop(0)
    assert sorted(rows) == [1, 2, 3]
    assert due == [0, 0, 1, 2, 3]
    for attempts, seconds in ((1, 100), (2, 2000), (3, 30000)):
        delay = dt.timedelta(seconds=seconds)
        assert before + delay <= rows[attempts] <= after + delay


def test_rabbitmq_has_a_queue_for_each_delay() -> None:
    """Their names hold the delay, so that another delay is another queue."""
    names = [retry_exchange(delay) for delay in BrokerSettings().retry_delays_seconds]
    assert names == [f"howmuch.email.retry.{delay}s" for delay in (10, 60, 600, 3600)]


class Waits:
    """In the place of an event that says stop: notes how long is waited, and says stop after `count`."""

    def __init__(self, count: int) -> None:
        self.seconds: list[float] = []
        self._count = count

    def is_set(self) -> bool:
        return len(self.seconds) >= self._count

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self.is_set()


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


def test_rabbitmq_is_looked_for_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a fifth of a second to five seconds."""
    broker = RabbitBroker("amqp://127.0.0.1:1", RetryPolicy((1,), 1), send_threads=1)
    waits = Waits(7)
    monkeypatch.setattr(broker, "_stopping", waits)
    monkeypatch.setattr(broker, "_run_session", lambda: "down")
    broker._loop()
    assert waits.seconds == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


class Unheard:
    """The broker never says that it is back."""

    def __init__(self, waits: Waits) -> None:
        self._waits = waits

    def clear(self) -> None:
        pass

    def wait(self, seconds: float) -> bool:
        self._waits.wait(seconds)
        return False


def test_relay_publishes_as_soon_as_rabbitmq_is_there(
    rabbitmq_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not wait for the end of its delay, however long that has become."""
    monkeypatch.setattr(relay_module, "FIRST_DELAY_SECONDS", 3600.0)
    url = f"sqlite:///{tmp_path / 'howmuch.db'}"
    migrate.upgrade(url)
    with virtual_host(rabbitmq_url) as rabbit_url, closing_database(url) as database:
        with database.begin() as connection:
            row = {
                "routing_key": "mail.send",
                "payload": {},
                "create_time": dt.datetime.now(dt.UTC),
            }
            connection.execute(insert(tables.outbox), row)
        broker = RabbitBroker(rabbit_url, RetryPolicy((1,), 1), send_threads=1)
        relay = Relay(database, broker)
        came: list[int] = []

        def handler(messages: Sequence[Message]) -> list[None]:
            came.append(len(messages))
            return [None] * len(messages)

        with capture_logs() as lines:
            relay.start()
            until(lambda: any(line["event"] == "messages wait" for line in lines), "its first try")
            broker.start({SEND_QUEUE: handler, FANOUT_QUEUE: handler})
            try:
                until(lambda: came == [1], "the message")
            finally:
                relay.stop(time.monotonic() + 10)
                broker.stop(time.monotonic() + 10)


def test_relay_tries_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """From half a second to a quarter of a minute; after a success, from the start."""
    made: Any = None
    relay = Relay(made, made)
    waits = Waits(9)
    outcomes: Iterator[BrokerDown | int] = iter(
        [*[BrokerDown("down")] * 7, 1, *[BrokerDown("down")] * 2]
    )

    def publish() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, BrokerDown):
            raise outcome
        return outcome

    class Broker:
        batch_size = 1

    monkeypatch.setattr(relay, "_broker", Broker)
    monkeypatch.setattr(relay, "publish_some", publish)
    monkeypatch.setattr(relay, "_stopping", waits)
    monkeypatch.setattr(relay, "_resume", Unheard(waits))
    relay._loop()
    assert waits.seconds == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 0.5, 1.0]


def test_redis_is_looked_for_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a tenth of a second to two seconds."""
    broadcast = RedisBroadcast("redis://127.0.0.1:1", "tests:")
    waits = Waits(7)
    monkeypatch.setattr(broadcast, "_stopping", waits)
    monkeypatch.setattr(broadcast, "_hear", failing(RedisDown("down")))
    broadcast._listen()
    assert waits.seconds == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


def test_etcd_is_looked_for_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """From one second to half a minute."""
    watch = object.__new__(live.LiveSettings)
    waits = Waits(7)

    class Etcd:
        read = staticmethod(failing(EtcdError("down")))

    monkeypatch.setattr(watch, "_etcd", Etcd, raising=False)
    monkeypatch.setattr(watch, "_stopping", waits, raising=False)
    assert watch._read() is None
    assert waits.seconds == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_clients_look_for_a_server_within_two_seconds() -> None:
    """What gRPC takes: the first delay, the longest, and how long one attempt may take; milliseconds."""
    assert dict(RECONNECT_OPTIONS) == {
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 2000,
        "grpc.min_reconnect_backoff_ms": 5000,
    }
    [method_config] = json.loads(service_config())["methodConfig"]
    assert method_config["retryPolicy"] == {
        "maxAttempts": 5,
        "initialBackoff": "0.1s",
        "maxBackoff": "2s",
        "backoffMultiplier": 3,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
