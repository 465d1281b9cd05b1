"""The dead letters of RabbitMQ: a queue that nobody consumes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pika import BasicProperties, BlockingConnection
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from howmuch.messaging.amqp import error_of, message_of, properties, time_of
from howmuch.messaging.broker import BrokerDown, DeadLetter, queue_of
from howmuch.messaging.messages import Message
from howmuch.messaging.topology import DEAD_QUEUE, declare, parameters


class RabbitDeadLetters:
    """See howmuch.messaging.broker.DeadLetters. Raises BrokerDown where RabbitMQ does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url

    def read(self) -> list[DeadLetter]:
        """All, oldest first."""
        with self._channel() as channel:
            return [letter for letter, _ in _all(channel)]

    def retry(self, ids: Sequence[str]) -> int:
        """Puts them into the queues that they came from, with their tries forgotten."""

        def publish(channel: BlockingChannel, letter: DeadLetter) -> None:
            message = letter.message
            again = Message(message.id, message.routing_key, message.body)
            channel.basic_publish(
                "", queue_of(message.routing_key), message.body, properties(again), mandatory=True
            )

        return self._end(ids, publish)

    def drop(self, ids: Sequence[str]) -> int:
        """Deletes them."""
        return self._end(ids, lambda _channel, _letter: None)

    def _end(
        self, ids: Sequence[str], before: Callable[[BlockingChannel, DeadLetter], None]
    ) -> int:
        count = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            for letter, tag in _all(channel):
                if letter.id in ids:
                    before(channel, letter)
                    channel.basic_ack(tag)
                    count += 1
        return count

    @contextmanager
    def _channel(self) -> Iterator[BlockingChannel]:
        """What was not acknowledged is back in its queue once the connection is closed."""
        try:
            connection = BlockingConnection(parameters(self._url))
            try:
                declare(connection, ())
                yield connection.channel()
            finally:
                connection.close()
        except (AMQPError, OSError) as error:
            raise BrokerDown(
                f"RabbitMQ does not answer: {' '.join((str(error) or repr(error)).split())}"
            ) from error


def _all(channel: BlockingChannel) -> list[tuple[DeadLetter, int]]:
    letters: list[tuple[DeadLetter, int]] = []
    given: BasicProperties | None
    while True:
        method, given, body = channel.basic_get(DEAD_QUEUE)
        if method is None or given is None or body is None:
            return letters
        message = message_of(method.routing_key, given, body)
        letter = DeadLetter(message.id, message, error_of(given), time_of(given))
        letters.append((letter, method.delivery_tag))
