"""The relay publishes the outbox: a thread that writes of its process wake, and that polls for other writes.

PostgreSQL could announce new rows by NOTIFY. But NOTIFY takes one lock over all commits of the server, and is
lost behind a pooler such as PgBouncer. Polling twice a second costs one read of an empty table.
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
    """Any number of relays may run on one database: each takes other messages."""

    def __init__(self, database: Database, broker: Broker) -> None:
        self._database = database
        self._broker = broker
        self._wake = threading.Event()
        self._resume = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="relay", daemon=True)

    def start(self) -> None:
        self._broker.on_ready = self._resume.set
        self._thread.start()

    def wake(self) -> None:
        """Makes the relay read the outbox now."""
        self._wake.set()

    def stop(self, deadline: float) -> None:
        """Finishes the batch that is being published."""
        self._stopping.set()
        self._wake.set()
        self._resume.set()
        self._thread.join(max(0.0, deadline - time.monotonic()))

    def _loop(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while not self._stopping.is_set():
            self._wake.clear()
            self._resume.clear()
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
            if self._resume.wait(delay):
                delay = FIRST_DELAY_SECONDS
                continue
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    def publish_some(self) -> int:
        """Publishes a batch, and deletes it from the outbox. Returns the number of messages.

        If the process dies in between, they are published again; handlers recognize repeated messages.
        """
        now = datetime.now(UTC)
        if self._database.dialect == "sqlite":
            # A write transaction would keep all others out for as long as the broker takes.
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
