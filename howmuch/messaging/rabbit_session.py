"""One connection to RabbitMQ: pika's event loop in the thread that runs it, everybody else from outside.

Handlers work in threads of their own, so that heartbeats go on meanwhile; whatever they want of the
connection is handed to its loop.
"""

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pika import BasicProperties, SelectConnection, URLParameters
from pika.channel import Channel
from pika.exceptions import AMQPError
from pika.frame import Method
from pika.spec import Basic

from howmuch.messaging.broker import BrokerDown

Received = Callable[[str, str, BasicProperties, bytes, "Receipt"], None]
"""Takes queue, routing key, properties and body of a message, and what it is acknowledged by."""

CONFIRM_SECONDS = 30.0


class Batch:
    """Messages that are confirmed together. Each: exchange, routing key, properties, body."""

    def __init__(self, messages: Sequence[tuple[str, str, BasicProperties, bytes]]) -> None:
        self.messages = messages
        self._left = len(messages)
        self._done = threading.Event()
        self._error = ""

    def confirm(self) -> None:
        """One more of them is safe."""
        self._left -= 1
        if not self._left:
            self._done.set()

    def fail(self, error: str) -> None:
        """They may be lost."""
        self._error = error
        self._done.set()

    def wait(self) -> None:
        """Until all are safe. Raises BrokerDown."""
        if not self._done.wait(CONFIRM_SECONDS):
            raise BrokerDown(f"RabbitMQ did not confirm within {CONFIRM_SECONDS:.0f} s")
        if self._error:
            raise BrokerDown(self._error)


class Session:
    """prefetch: queue to how many messages of it may be in the hands of `received` at a time."""

    def __init__(
        self, parameters: URLParameters, prefetch: Mapping[str, int], received: Received
    ) -> None:
        self._prefetch = prefetch
        self._received = received
        self._ready = threading.Event()
        self._lock = threading.Lock()
        self._ended = False
        self._why = "the connection to RabbitMQ was closed"
        self._publishing: Channel | None = None
        self._consuming: dict[str, tuple[Channel, str]] = {}
        self._last_tag = 0
        self._unconfirmed: dict[int, Batch] = {}
        self._connection = SelectConnection(
            parameters,
            on_open_callback=self._opened,
            on_open_error_callback=self._closed,
            on_close_callback=self._closed,
        )

    def run(self) -> str:
        """Until the connection ends; why it did."""
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
        """Returns once all of it is confirmed. Raises BrokerDown."""
        self._ready.wait(CONFIRM_SECONDS)
        self._call(lambda: self._send(batch), batch)
        batch.wait()

    def acknowledge(self, receipts: Sequence["Receipt"]) -> None:
        """Says that messages need not come again. Those of a connection that has ended come all the same."""

        def acknowledge() -> None:
            for receipt in receipts:
                if receipt.session is self and receipt.channel.is_open:
                    receipt.channel.basic_ack(receipt.tag)

        self._call(acknowledge)

    def stop_consuming(self) -> None:
        """Takes no more messages."""

        def cancel() -> None:
            for channel, tag in self._consuming.values():
                if channel.is_open:
                    channel.basic_cancel(tag)

        self._call(cancel)

    def close(self) -> None:
        """Ends the connection; what is not acknowledged goes back to its queue."""

        def close() -> None:
            if self._connection.is_open:
                self._connection.close()
            elif not self._connection.is_closing:
                self._connection.ioloop.stop()

        self._call(close)

    def _call(self, what: Callable[[], None], batch: Batch | None = None) -> None:
        """Does something in the loop."""
        with self._lock:
            if not self._ended:
                self._connection.ioloop.add_callback_threadsafe(what)
                return
        if batch is not None:
            batch.fail(self._why)

    def _opened(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_return_callback(self._returned)
        self._publishing = channel
        channel.confirm_delivery(self._confirmed, callback=lambda _: self._ready.set())
        for queue in self._prefetch:
            self._connection.channel(on_open_callback=functools.partial(self._consume, queue))

    def _consume(self, queue: str, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.basic_qos(prefetch_count=self._prefetch[queue])
        tag = channel.basic_consume(queue, functools.partial(self._message_came, queue))
        self._consuming[queue] = (channel, tag)

    def _message_came(
        self,
        queue: str,
        channel: Channel,
        method: Basic.Deliver,
        given: BasicProperties,
        body: bytes,
    ) -> None:
        receipt = Receipt(self, channel, method.delivery_tag)
        self._received(queue, method.routing_key, given, body, receipt)

    def _send(self, batch: Batch) -> None:
        channel = self._publishing
        try:
            for exchange, routing_key, given, body in batch.messages:
                if channel is None:
                    raise BrokerDown("the connection to RabbitMQ is not open yet")
                channel.basic_publish(exchange, routing_key, body, given, mandatory=True)
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
        self, _channel: Channel, method: Basic.Return, _given: BasicProperties, _body: bytes
    ) -> None:
        # Somebody has deleted a queue. With the next connection it is declared again.
        self._why = f"no queue takes messages with the key {method.routing_key}"
        self._connection.close()

    def _channel_closed(self, _channel: Channel, reason: Exception) -> None:
        if self._connection.is_open:
            self._why = f"RabbitMQ closed a channel: {reason}"
            self._connection.close()

    def _closed(self, _connection: Any, reason: Exception | str) -> None:
        if not self._ready.is_set() or "closed" in self._why:
            self._why = f"the connection to RabbitMQ ended: {_text(reason)}"
        self._connection.ioloop.stop()


@dataclass(frozen=True, slots=True)
class Receipt:
    """By what a message is acknowledged."""

    session: Session
    channel: Channel
    tag: int


def _text(reason: Exception | str) -> str:
    return str(reason) or type(reason).__name__
