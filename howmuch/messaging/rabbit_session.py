"""One connection to RabbitMQ. pika's event loop runs in the thread of `run`; other threads call in.

Handlers work in threads of their own, so that heartbeats continue meanwhile. Their calls of the
connection are handed over to its loop.
"""

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pika import BasicProperties, SelectConnection, URLParameters
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.frame import Method
from pika.spec import Basic

from howmuch.messaging.amqp import message_of
from howmuch.messaging.broker import BrokerDown
from howmuch.messaging.messages import Message

CONFIRM_SECONDS = 30.0


class Publication(NamedTuple):
    exchange: str
    routing_key: str
    properties: BasicProperties
    body: bytes


class Batch:
    """Messages that are confirmed together."""

    def __init__(self, publications: Sequence[Publication]) -> None:
        self.publications = publications
        self._left = len(publications)
        self._done = threading.Event()
        self._error = ""

    def confirm(self) -> None:
        self._left -= 1
        if not self._left:
            self._done.set()

    def fail(self, error: str) -> None:
        self._error = error
        self._done.set()

    def wait(self) -> None:
        """Waits until all are safe. Raises BrokerDown."""
        if not self._done.wait(CONFIRM_SECONDS):
            raise BrokerDown(f"RabbitMQ did not confirm within {CONFIRM_SECONDS:.0f} s")
        if self._error:
            raise BrokerDown(self._error)


class Session:
    """prefetch: queue to the number of its messages that are delivered without acknowledgement.

    received: called in the loop with the queue of each message. ready: called there once it can publish.
    """

    def __init__(
        self,
        parameters: URLParameters,
        prefetch: Mapping[str, int],
        received: Callable[[str, "Arrived"], None],
        ready: Callable[[], None],
    ) -> None:
        self._prefetch = prefetch
        self._received = received
        self._tell_ready = ready
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._ended = False
        self._why = "the connection to RabbitMQ was closed"
        self._publishing: Channel | None = None
        self._consuming: list[Channel] = []
        self._last_tag = 0
        self._unconfirmed: dict[int, Batch] = {}
        self._connection = SelectConnection(
            parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._closed,
            on_close_callback=self._closed,
        )

    def run(self) -> str:
        """Runs until the connection ends. Returns the reason."""
        self._connection.ioloop.start()
        with self._lock:
            self._ended = True
            waiting = set(self._unconfirmed.values())
            self._connection.ioloop.close()
        for batch in waiting:
            batch.fail(self._why)
        self._ready.set()
        return self._why

    def publish(self, batch: Batch) -> None:
        """Returns once RabbitMQ has confirmed all of it. Raises BrokerDown."""
        self._ready.wait(CONFIRM_SECONDS)
        if not self._call(lambda: self._send(batch)):
            batch.fail(self._why)
        batch.wait()

    def acknowledge(self, messages: Sequence["Arrived"]) -> None:
        """Acknowledges messages. Those of a connection that has ended are delivered again all the same."""

        def acknowledge() -> None:
            for each in messages:
                if each.session is self and each.channel.is_open:
                    each.channel.basic_ack(each.tag)

        self._call(acknowledge)

    def stop_consuming(self) -> None:

        def cancel() -> None:
            for channel in self._consuming:
                if channel.is_open:
                    for tag in list(channel.consumer_tags):
                        channel.basic_cancel(tag)

        self._call(cancel)

    def close(self) -> None:
        """Ends the connection. Messages without acknowledgement go back to their queue."""

        def close() -> None:
            if self._connection.is_open:
                self._connection.close()
            elif not self._connection.is_closing:
                self._connection.ioloop.stop()

        self._call(close)

    def _call(self, function: Callable[[], None]) -> bool:
        """Calls a function in the loop. False means that the session has ended."""
        with self._lock:
            if not self._ended:
                self._connection.ioloop.add_callback_threadsafe(function)
            return not self._ended

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_return_callback(self._returned)
        self._publishing = channel
        channel.confirm_delivery(self._confirmed, callback=self._confirms)
        for queue in self._prefetch:
            self._connection.channel(on_open_callback=functools.partial(self._consume, queue))

    def _confirms(self, _frame: Method) -> None:
        self._ready.set()
        self._tell_ready()

    def _consume(self, queue: str, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.basic_qos(prefetch_count=self._prefetch[queue])
        channel.basic_consume(queue, functools.partial(self._message_came, queue))
        self._consuming.append(channel)

    def _message_came(
        self,
        queue: str,
        channel: Channel,
        method: Basic.Deliver,
        properties: BasicProperties,
        body: bytes,
    ) -> None:
        message = message_of(method.routing_key, properties, body)
        self._received(queue, Arrived(message, self, channel, method.delivery_tag))

    def _send(self, batch: Batch) -> None:
        channel = self._publishing
        try:
            for exchange, routing_key, properties, body in batch.publications:
                if channel is None:
                    raise BrokerDown("the connection to RabbitMQ is not open yet")
                channel.basic_publish(exchange, routing_key, body, properties, mandatory=True)
                self._last_tag += 1
                self._unconfirmed[self._last_tag] = batch
        except (AMQPError, BrokerDown) as error:
            batch.fail(str(error) or type(error).__name__)

    def _confirmed(self, frame: Method) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        tags = [each for each in self._unconfirmed if each <= tag] if multiple else [tag]
        for each in tags:
            batch = self._unconfirmed.pop(each)
            if isinstance(frame.method, Basic.Ack):
                batch.confirm()
            else:
                batch.fail("RabbitMQ refused a message")

    def _returned(
        self, _channel: Channel, method: Basic.Return, _properties: BasicProperties, _body: bytes
    ) -> None:
        # The queue was deleted. The next connection declares it again.
        self._why = f"no queue takes messages with the key {method.routing_key}"
        self._connection.close()

    def _channel_closed(self, _channel: Channel, reason: Exception) -> None:
        if self._connection.is_open:
            self._why = f"RabbitMQ closed a channel: {reason}"
            self._connection.close()

    def _closed(self, _connection: Any, reason: Exception | str) -> None:
        if not self._ready.is_set() or "closed" in self._why:
            text = str(reason) or type(reason).__name__
            self._why = f"the connection to RabbitMQ ended: {text}"
        self._connection.ioloop.stop()


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that was delivered, and where it is acknowledged."""

    message: Message
    session: Session
    channel: Channel
    tag: int
