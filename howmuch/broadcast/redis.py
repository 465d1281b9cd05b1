"""Broadcast by publish and subscribe of Redis, in two threads, so that no call waits for it.

Redis does not store the messages. While it is down, they are dropped, `heard` is false, and all processes
read the database instead.
"""

import threading
import time
import uuid
from contextlib import suppress
from queue import Empty, Full, Queue

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.retry import Retry

from howmuch.broadcast.local import Broadcast, Topic

log = structlog.get_logger()

BEAT_SECONDS = 1.0
"""An idle connection is checked this often."""

SILENT_SECONDS = 3.0
"""A connection without an answer for this long is lost."""

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 2.0
_TIMEOUT_SECONDS = 1.0
_MOST_WAITING = 10_000
_MOST_AT_ONCE = 500


class RedisBroadcast(Broadcast):
    """url: redis://, rediss:// or unix://. prefix: of the name of the channel that processes share."""

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        # The client must not retry: a reconnect that goes unnoticed would hide missed messages.
        self._redis = Redis.from_url(
            url,
            socket_timeout=_TIMEOUT_SECONDS,
            socket_connect_timeout=_TIMEOUT_SECONDS,
            retry=Retry(NoBackoff(), retries=0),
            decode_responses=True,
        )
        # The name is part of the protocol between releases: a rolling update runs both.
        self._channel = f"{prefix}signals"
        self._name = uuid.uuid4().hex
        self._heard = False
        self._stopping = threading.Event()
        self._to_tell: Queue[str] = Queue(_MOST_WAITING)
        self._threads = [
            threading.Thread(target=self._listen, name="broadcast-in", daemon=True),
            threading.Thread(target=self._speak, name="broadcast-out", daemon=True),
        ]

    @property
    def heard(self) -> bool:
        return self._heard

    def start(self) -> None:
        """Connects in the background, and again whenever the connection is lost."""
        for thread in self._threads:
            thread.start()

    def stop(self, deadline: float) -> None:
        """Sends the last messages, and ends both threads by `deadline` (time.monotonic())."""
        self._stopping.set()
        with suppress(Full):
            self._to_tell.put_nowait(f"{self._name} stop ")  # Wakes both threads.
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._redis.close()

    def tell(self, topic: Topic, value: str) -> None:
        """This process gets the message at once, the others within milliseconds."""
        super().tell(topic, value)
        # The queue is full if Redis hangs. The other processes then read the database.
        with suppress(Full):
            self._to_tell.put_nowait(f"{self._name} {topic} {value}")

    def _speak(self) -> None:
        while not self._stopping.is_set() or not self._to_tell.empty():
            messages = self._next_messages()
            with suppress(RedisError):  # The other thread logs that Redis is down.
                pipeline = self._redis.pipeline(transaction=False)
                for message in messages:
                    pipeline.publish(self._channel, message)
                pipeline.execute()

    def _next_messages(self) -> list[str]:
        """Waits for a message, and takes those that have come with it."""
        messages = [self._to_tell.get()]
        with suppress(Empty):
            while len(messages) < _MOST_AT_ONCE:
                messages.append(self._to_tell.get_nowait())
        return messages

    def _listen(self) -> None:
        delay = FIRST_DELAY_SECONDS
        write = log.warning
        while not self._stopping.is_set():
            try:
                with PubSub(self._redis.connection_pool) as subscription:
                    self._hear(subscription)
            except (RedisError, OSError) as error:
                if self._heard:
                    delay, write = FIRST_DELAY_SECONDS, log.warning
                    self._set_heard(False)
                reason = " ".join(str(error).split())
                write("Redis is not connected", reason=reason, retry_in_seconds=delay)
                write = log.debug  # Warn once for each loss of the connection.
                self._stopping.wait(delay)
                delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def _hear(self, subscription: PubSub) -> None:
        """Listens until the stop. Raises RedisError or OSError if the connection is lost."""
        subscription.subscribe(self._channel)
        last_heard = time.monotonic()
        while not self._stopping.is_set():
            message = subscription.get_message(timeout=BEAT_SECONDS)
            if message is None:
                if time.monotonic() - last_heard > SILENT_SECONDS:
                    raise TimeoutError(f"no answer for {SILENT_SECONDS:g} seconds")
                subscription.ping()
                continue
            last_heard = time.monotonic()
            if message["type"] == "subscribe":
                self._set_heard(True)
                log.info("Redis is connected")
            elif message["type"] == "message":
                sender, topic, value = message["data"].split(" ", 2)
                if sender != self._name:
                    self._take(topic, value)

    def _set_heard(self, heard: bool) -> None:
        self._heard = heard
        self._gap()
