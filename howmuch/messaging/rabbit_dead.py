"""The dead letters of RabbitMQ: a queue without consumers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from pika import BasicProperties, BlockingConnection
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from howmuch.messaging.amqp import error_of, make_properties, message_of, reason_of, time_of
from howmuch.messaging.broker import BrokerDown, DeadLetter, queue_of
from howmuch.messaging.topology import DEAD_QUEUE, declare, parameters


class _Read(NamedTuple):
    letter: DeadLetter
    tag: int


class RabbitDeadLetters:
    """Implements howmuch.messaging.broker.DeadLetters. Raises BrokerDown if RabbitMQ does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url

    def read(self) -> list[DeadLetter]:
        with self._channel() as channel:
            return [each.letter for each in _read_all(channel)]

    def retry(self, ids: Sequence[str]) -> int:
        """Puts them back into their queues, without their attempts."""

        def publish(channel: BlockingChannel, letter: DeadLetter) -> None:
            message = replace(letter.message, attempts=0)
            queue = queue_of(message.routing_key)
            channel.basic_publish("", queue, message.body, make_properties(message), mandatory=True)

        return self._end(ids, publish)

    def drop(self, ids: Sequence[str]) -> int:
        return self._end(ids, lambda _channel, _letter: None)

    def _end(
        self, ids: Sequence[str], before: Callable[[BlockingChannel, DeadLetter], None]
    ) -> int:
        count = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            for letter, tag in _read_all(channel):
                if letter.id in ids:
                    before(channel, letter)
                    channel.basic_ack(tag)
                    count += 1
        return count

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        """When the connection is closed, messages without acknowledgement are in their queue again."""
        try:
            connection = BlockingConnection(parameters(self._url))
            try:
                declare(connection, ())
                yield connection.channel()
            finally:
                connection.close()
        except (AMQPError, OSError) as error:
            raise BrokerDown(f"RabbitMQ does not answer: {reason_of(error)}") from error


def _read_all(channel: BlockingChannel) -> list[_Read]:
    letters: list[_Read] = []
    properties: BasicProperties | None
    while True:
        method, properties, body = channel.basic_get(DEAD_QUEUE)
        if method is None or properties is None or body is None:
            return letters
        message = message_of(method.routing_key, properties, body)
        letter = DeadLetter(message.id, message, error_of(properties), time_of(properties))
        letters.append(_Read(letter, method.delivery_tag))
