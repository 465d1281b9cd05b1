"""Prometheus metrics of messages and mails."""

from collections.abc import Iterator
from datetime import UTC, datetime

from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from howmuch.errors import HowmuchError
from howmuch.messaging.broker import BINDINGS
from howmuch.messaging.outbox import read_backlog
from howmuch.storage.database import Database

PUBLISHED = Counter("howmuch_messages_published", "Messages that the broker has confirmed.")
RETRIES = Counter("howmuch_message_retries", "Messages that will be tried again.", ["queue"])
DEAD_LETTERS = Counter("howmuch_message_dead_letters", "Messages that were given up.", ["queue"])
MAILS = Counter("howmuch_mails", "Mails by result.", ["result"])

# A series that begins at 1 never seems to increase, so an alert would miss its first event.
for _queue in BINDINGS:
    RETRIES.labels(_queue)
    DEAD_LETTERS.labels(_queue)
for _result in ("sent", "skipped", "retried", "dead"):
    MAILS.labels(_result)

_SCRAPE_SECONDS = 5.0


class BacklogCollector(Collector):
    """Messages to publish and mails to send, read at each scrape."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = datetime.now(UTC)
        try:
            with self._database.read(_SCRAPE_SECONDS) as connection:
                backlog = read_backlog(connection, now)
        except HowmuchError:
            return  # The database is down.

        def age(since: datetime | None) -> float:
            return max(0.0, (now - since).total_seconds()) if since else 0.0

        for name, text, value in (
            ("outbox_messages", "Messages that are not published yet.", backlog.messages),
            (
                "outbox_oldest_seconds",
                "Age of the oldest message that is not published yet.",
                age(backlog.oldest_message),
            ),
            ("mails_unsent", "Mails that are due and not sent yet.", backlog.mails),
            (
                "mails_unsent_oldest_seconds",
                "For how long the oldest of them has been due.",
                age(backlog.oldest_mail),
            ),
        ):
            yield GaugeMetricFamily(f"howmuch_{name}", text, value)
