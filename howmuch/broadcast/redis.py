"""Broadcast by publish and subscribe of Redis: two threads, so that no call waits for it.

Redis keeps nothing of what it passes on. While it is away, messages are dropped, `heard` is false, and
everybody goes back to asking the database.
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

from howmuch.broadcast.local import LocalBroadcast, Topic

log = structlog.get_logger()

BEAT_SECONDS = 1.0
"""How often the connection is tried while nothing comes by it."""

SILENT_SECONDS = 3.0
"""After so long without an answer, the connection counts as lost."""

FIRST_DELAY_SECONDS = 0.1
LONGEST_DELAY_SECONDS = 2.0
_TIMEOUT_SECONDS = 1.0
_MOST_WAITING = 10_000
_MOST_AT_ONCE = 500


class RedisBroadcast(LocalBroadcast):
    """url: redis://, rediss:// or unix://. prefix: of the channel, by which processes hear each other."""

    def __init__(self, url: str, prefix: str) -> None:
        super().__init__()
        # Never retried inside: after a reconnect that nobody hears of, messages would have been missed.
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
        """See Broadcast."""
        return self._heard

    def start(self) -> None:
        """Connects in the background, and again whenever the connection is lost."""
        for thread in self._threads:
            thread.start()

    def stop(self, deadline: float) -> None:
        """Ends both threads by `deadline` (time.monotonic()); what was told last is sent."""
        self._stopping.set()
        with suppress(Full):
            self._to_tell.put_nowait(f"{self._name} stop ")  # Wakes both threads.
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._redis.close()

    def tell(self, topic: Topic, value: str) -> None:
        """See Broadcast: here at once, elsewhere within milliseconds."""
        super().tell(topic, value)
        # Full, where Redis hangs: those who were not told find out by themselves.
        with suppress(Full):
            self._to_tell.put_nowait(f"{self._name} {topic} {value}")

    def _speak(self) -> None:
        while not self._stopping.is_set() or not self._to_tell.empty():
            messages = self._next_messages()
            with suppress(RedisError):  # The other thread says that Redis is away.
                pipeline = self._redis.pipeline(transaction=False)
                for message in messages:
                    pipeline.publish(self._channel, message)
                pipeline.execute()

    def _next_messages(self) -> list[str]:
        """Waits for one, and takes those that have come with it."""
        messages = [self._to_tell.get()]
        with suppress(Empty):
            while len(messages) < _MOST_AT_ONCE:
                messages.append(self._to_tell.get_nowait())
        return messages

    def _listen(self) -> None:
        delay = FIRST_DELAY_SECONDS
        tell = log.warning
        while not self._stopping.is_set():
            try:
                with PubSub(self._redis.connection_pool) as subscription:
                    self._hear(subscription)
            except (RedisError, OSError) as error:
                if self._heard:
                    delay, tell = FIRST_DELAY_SECONDS, log.warning
                    self._set_heard(False)
                tell(
                    "Redis is not connected",
                    reason=" ".join(str(error).split()),
                    retry_in_seconds=delay,
                )
                tell = log.debug  # Once is enough, until it has been there again.
                self._stopping.wait(delay)
                delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def _hear(self, subscription: PubSub) -> None:
        """Listens until the stop. Raises RedisError where the connection is lost."""
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
