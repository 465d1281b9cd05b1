"""A message that is to be tried again leaves its queue only once RabbitMQ has its copy."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pika
import pytest

from howmuch.messaging.broker import SEND_QUEUE, GiveUp, RetryLater
from howmuch.messaging.handling import RetryPolicy
from howmuch.messaging.messages import Message
from howmuch.messaging.rabbit import RabbitBroker
from howmuch.messaging.topology import DEAD_QUEUE, EXCHANGE, declare, parameters, retry_exchange
from tests.brokers import virtual_host
from tests.waiting import until

LONG = 3600


@pytest.fixture(scope="module")
def rabbit_url(rabbitmq_url: str) -> Iterator[str]:
    with virtual_host(rabbitmq_url) as url:
        yield url


@pytest.fixture
def channel(rabbit_url: str) -> Iterator[pika.adapters.blocking_connection.BlockingChannel]:
    """All queues are there, and empty."""
    connection = pika.BlockingConnection(parameters(rabbit_url))
    declare(connection, (LONG,))
    channel = connection.channel()
    for queue in (SEND_QUEUE, retry_exchange(LONG), DEAD_QUEUE):
        channel.queue_purge(queue)
    yield channel
    connection.close()


class Refusing:
    """A handler that fails in one way. seen: how often it was given a message."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.seen = 0

    def __call__(self, messages: Sequence[Message]) -> list[Exception]:
        self.seen += len(messages)
        return [self._error] * len(messages)


@contextmanager
def consuming(url: str, handler: Callable[[Sequence[Message]], list[Exception]]) -> Iterator[None]:
    broker = RabbitBroker(url, RetryPolicy((LONG,), 5), send_threads=1)
    broker.start({SEND_QUEUE: handler})
    try:
        yield
    finally:
        broker.stop(time.monotonic() + 10)


def count(channel: pika.adapters.blocking_connection.BlockingChannel, queue: str) -> int:
    """Messages that wait in a queue, in nobody's hands."""
    found: int = channel.queue_declare(queue, passive=True).method.message_count
    return found


WAYS = [
    pytest.param(RetryLater("the mail server is down"), retry_exchange(LONG), id="retry"),
    pytest.param(GiveUp("no such mailbox"), DEAD_QUEUE, id="dead"),
]


@pytest.mark.parametrize(("error", "target"), WAYS)
def test_confirmed_copy_lets_the_message_go(
    rabbit_url: str,
    channel: pika.adapters.blocking_connection.BlockingChannel,
    error: Exception,
    target: str,
) -> None:
    """One copy is where it belongs, and nothing is left in the queue when the consumer has gone."""
    handler = Refusing(error)
    with consuming(rabbit_url, handler):
        channel.basic_publish(EXCHANGE, "mail.send", b"{}")
        until(lambda: count(channel, target) == 1)
    assert count(channel, SEND_QUEUE) == 0
    assert handler.seen == 1


@pytest.mark.parametrize(("error", "target"), WAYS)
def test_refused_copy_leaves_the_message_where_it_is(
    rabbit_url: str,
    channel: pika.adapters.blocking_connection.BlockingChannel,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    target: str,
) -> None:
    """RabbitMQ refuses the copy: the message is back in its queue as soon as its consumer has gone."""
    full = f"full.{target}"
    # A queue that holds nothing and refuses what comes, as a full one does.
    limits = {"x-max-length": 0, "x-overflow": "reject-publish"}
    channel.queue_declare(full, arguments=limits)
    channel.exchange_declare(full, "fanout")
    channel.queue_bind(full, full)
    refused = threading.Event()
    passed_on = RabbitBroker._passed_on

    def redirected(self: RabbitBroker, *given: object) -> bool:
        safe = passed_on(self, *given)  # type: ignore[arg-type]
        if not safe:
            refused.set()
        return safe

    monkeypatch.setattr(RabbitBroker, "_passed_on", redirected)
    monkeypatch.setattr("howmuch.messaging.rabbit.retry_exchange", lambda _: full)
    monkeypatch.setattr("howmuch.messaging.rabbit.DEAD_QUEUE", full)
    with consuming(rabbit_url, Refusing(error)):
        channel.basic_publish(EXCHANGE, "mail.send", b"{}")
        until(refused.is_set, "a copy that RabbitMQ refuses")
    until(lambda: count(channel, SEND_QUEUE) == 1, "the message is back")
    assert count(channel, target) == 0
    method, properties, body = channel.basic_get(SEND_QUEUE, auto_ack=True)
    assert method is not None
    assert method.redelivered
    assert body == b"{}"
    assert properties is not None
