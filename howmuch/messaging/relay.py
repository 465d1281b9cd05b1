"""Publishes what is in the outbox: a thread that is woken by writes of its process, and polls for others.

PostgreSQL could announce new rows by NOTIFY, but that takes one lock over all commits of the server, and is
lost behind a pooler such as PgBouncer; asking twice a second costs one look at an empty table.
"""

import threading
import time
from datetime import UTC, datetime

import structlog

from howmuch.errors import HowmuchError
from howmuch.messaging import message_metrics
from howmuch.messaging.broker import Broker, BrokerDown
from howmuch.messaging.outbox import delete_messages, next_messages
from howmuch.storage.database import Database

log = structlog.get_logger()

POLL_SECONDS = 0.5
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 15.0
_READ_SECONDS = 30.0


class Relay:
    """Any number of them may run on one database: each takes other messages."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._loop, name="relay", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to publish."""
        self._wake.set()

    def stop(self, deadline: float) -> None:
        """Ends after the messages that are being published."""
        self._stopping = True
        self._wake.set()
        self._thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stopping:
            self._wake.clear()
            try:
                published = self.publish_some()
            except (BrokerDown, HowmuchError) as error:
                log.warning("messages wait", reason=str(error), retry_in_seconds=delay)
            except Exception:
                log.exception("messages wait", retry_in_seconds=delay)
            else:
                delay = FIRST_DELAY_SECONDS
                if published < self._broker.batch_size:
                    self._wake.wait(POLL_SECONDS)
                continue
            self._wait(delay)
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def _wait(self, seconds: float) -> None:
        """Waits although there is something to do."""
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def publish_some(self) -> int:
        """Publishes a batch, and deletes it from the outbox; how many there were.

        Where the process dies in between, they are published again: handlers know those that they have had.
        """
        now = datetime.now(UTC)
        if self._database.dialect == "sqlite":
            # A writer would keep all others out for as long as the broker takes.
            with self._database.read() as connection:
                messages = next_messages(connection, now, self._broker.batch_size)
            if messages:
                self._broker.publish(messages)
                with self._database.begin() as connection:
                    delete_messages(connection, messages)
        else:
            with self._database.begin(_READ_SECONDS) as connection:
                messages = next_messages(connection, now, self._broker.batch_size)
                if messages:
                    self._broker.publish(messages)
                    delete_messages(connection, messages)
        message_metrics.PUBLISHED.inc(len(messages))
        return len(messages)
