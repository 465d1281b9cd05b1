"""RabbitMQ as the broker: a connection that reconnects by itself, and threads for the handlers."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue

import structlog
from pika import BlockingConnection
from pika.exceptions import AMQPError

from howmuch.messaging.amqp import make_properties, reason_of
from howmuch.messaging.broker import FANOUT_QUEUE, LARGEST_BATCHES, SEND_QUEUE, BrokerDown, Handler
from howmuch.messaging.handling import DONE, RetryPolicy, Verdict, handle
from howmuch.messaging.messages import Message
from howmuch.messaging.rabbit_session import Arrived, Batch, Publication, Session
from howmuch.messaging.topology import DEAD_QUEUE, EXCHANGE, declare, parameters, retry_exchange

log = structlog.get_logger()

FANOUT_THREADS = 2
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0


class RabbitBroker:
    """Implements howmuch.messaging.broker.Broker. url: amqp:// or amqps://. send_threads: mails at a time."""

    batch_size = 500

    def __init__(self, url: str, policy: RetryPolicy, *, send_threads: int) -> None:
        # pika raises all that it logs.
        logging.getLogger("pika").setLevel(logging.CRITICAL)
        self._parameters = parameters(url)
        self._policy = policy
        self._handlers: Mapping[str, Handler] = {}
        self._threads = {FANOUT_QUEUE: FANOUT_THREADS, SEND_QUEUE: send_threads}
        self._arrived: dict[str, SimpleQueue[Arrived | None]] = {
            queue: SimpleQueue() for queue in self._threads
        }
        self._session: Session | None = None
        self.on_ready: Callable[[], None] = lambda: None
        self._stopping = threading.Event()
        self._working: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._loop, name="rabbitmq", daemon=True)

    def start(self, handlers: Mapping[str, Handler]) -> None:
        """Connects in the background, and again whenever the connection is lost."""
        self._handlers = handlers
        self._thread.start()
        for queue, count in self._threads.items():
            for _ in range(count):
                thread = threading.Thread(target=self._work, args=(queue,), name=queue, daemon=True)
                self._working.append(thread)
                thread.start()

    def publish(self, messages: Sequence[Message]) -> None:
        """Returns once RabbitMQ has confirmed all. Raises BrokerDown."""
        self._publish(
            [Publication(EXCHANGE, m.routing_key, make_properties(m), m.body) for m in messages]
        )

    def _publish(self, publications: Sequence[Publication]) -> None:
        session = self._session
        if session is None:
            raise BrokerDown("RabbitMQ is not connected")
        session.publish(Batch(publications))

    def stop(self, deadline: float) -> None:
        """Messages that are not handled by the deadline go back to their queue."""
        self._stopping.set()
        session = self._session
        if session is not None:
            session.stop_consuming()
        for queue, count in self._threads.items():
            for _ in range(count):
                self._arrived[queue].put(None)
        for thread in self._working:
            thread.join(max(0.0, deadline - time.monotonic() - 0.5))
        if session is not None:
            session.close()
        self._thread.join(max(0.1, deadline - time.monotonic()))

    def _loop(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            since = time.monotonic()
            why = self._run_session()
            if self._stopping.is_set():
                return
            if time.monotonic() - since > LONGEST_DELAY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            log.warning("RabbitMQ is not connected", reason=why, retry_in_seconds=delay)
            self._stopping.wait(delay)
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def _run_session(self) -> str:
        """Works until the connection ends. Returns the reason."""
        try:
            connection = BlockingConnection(self._parameters)
            declare(connection, self._policy.delays_seconds)
            connection.close()
        except (AMQPError, OSError) as error:
            return reason_of(error)
        # One batch for each thread, and one more on its way.
        prefetch = {queue: 2 * LARGEST_BATCHES[queue] * n for queue, n in self._threads.items()}
        session = self._session = Session(
            self._parameters,
            prefetch,
            lambda queue, arrived: self._arrived[queue].put(arrived),
            self.on_ready,
        )
        if self._stopping.is_set():
            session.close()
        try:
            return session.run()
        finally:
            self._session = None

    def _work(self, queue: str) -> None:
        """One thread: handles messages until the stop. The rest goes back to the queue by itself."""
        while (batch := self._next_batch(queue)) and not self._stopping.is_set():
            verdicts = handle(self._handlers[queue], [each.message for each in batch], self._policy)
            done = [
                arrived
                for arrived, verdict in zip(batch, verdicts, strict=True)
                if verdict == DONE or self._passed_on(queue, arrived.message, verdict)
            ]
            if (session := self._session) is not None:
                session.acknowledge(done)

    def _next_batch(self, queue: str) -> list[Arrived]:
        """Waits for a message, and takes those that have come with it. Empty means stop."""
        batch: list[Arrived] = []
        arrived = self._arrived[queue].get()
        while arrived is not None:
            batch.append(arrived)
            if len(batch) == LARGEST_BATCHES[queue]:
                return batch
            try:
                arrived = self._arrived[queue].get_nowait()
            except Empty:
                return batch
        return []

    def _passed_on(self, queue: str, message: Message, verdict: Verdict) -> bool:
        """Whether the message is safe in the retry queue of its delay, or with the dead letters."""
        again = replace(message, attempts=message.attempts + verdict.attempts)
        delay = verdict.delay_seconds
        properties = make_properties(again, queue=queue, error=verdict.error, dead=delay is None)
        exchange, key = ("", DEAD_QUEUE) if delay is None else (retry_exchange(delay), queue)
        try:
            self._publish([Publication(exchange, key, properties, message.body)])
        except BrokerDown:
            return False  # It is not acknowledged, so RabbitMQ delivers it again.
        return True
