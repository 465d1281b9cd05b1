"""A worker in the test's own process, its mail server, and the clock of retries made short."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from howmuch.mail.delivery.envelopes import Links
from howmuch.mail.delivery.fanout import Timing
from howmuch.mail.delivery.mail_limits import MailLimits
from howmuch.mail.delivery.mailers import Mailer, SmtpMailer, SmtpServer
from howmuch.mail.delivery.sender import Sender
from howmuch.mail.delivery.worker import Worker
from howmuch.messaging.broker import Broker
from howmuch.messaging.handling import RetryPolicy
from howmuch.messaging.local import LocalBroker
from howmuch.messaging.rabbit import RabbitBroker
from howmuch.storage.database import Database
from tests.brokers import virtual_host
from tests.databases import closing_database
from tests.mail_delivery.sink import Server, Sink

POLICY = RetryPolicy((1, 2), attempts=4)
LINKS = Links(
    invitation="https://howmuch.example/join/{token}",
    verify="https://howmuch.example/verify/{token}",
    reset="https://howmuch.example/reset/{token}",
    change_email="https://howmuch.example/change/{token}",
    undo_email="https://howmuch.example/undo/{token}",
    unsubscribe="https://howmuch.example/v1/mail/{token}:unsubscribe",
    event="https://howmuch.example/{event_id}",
    event_settings="https://howmuch.example/{event_id}/settings",
    expense="https://howmuch.example/{event_id}/of/{expense_id}",
    explain="https://howmuch.example/{event_id}/why/{member_id}",
    settings="https://howmuch.example/settings",
    log_in="https://howmuch.example/login",
)
SENDER = Sender("howmuch <noreply@howmuch.example>", LINKS, lease_seconds=60)


@pytest.fixture
def own_database(fresh_database: Callable[[str], str], dialect: str) -> Iterator[Database]:
    """A database whose outbox is nobody else's."""
    with closing_database(fresh_database(dialect)) as database:
        yield database


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A mail server that takes everything."""
    made = Sink()
    server = Server(made)
    server.start()
    yield made
    server.stop()


@pytest.fixture(scope="module")
def rabbit_url(rabbitmq_url: str) -> Iterator[str]:
    """A virtual host for the tests of one file."""
    with virtual_host(rabbitmq_url) as url:
        yield url


@pytest.fixture(params=["local", "rabbitmq"])
def rabbit(request: pytest.FixtureRequest) -> str:
    """URL of RabbitMQ; empty for the broker in the database."""
    return "" if request.param == "local" else str(request.getfixturevalue("rabbit_url"))


def smtp(port: int, timeout_seconds: float = 10.0) -> SmtpMailer:
    return SmtpMailer(
        SmtpServer("127.0.0.1", port, "none", "", "", timeout_seconds, "howmuch.example")
    )


@contextmanager
def working(
    database: Database,
    mailer: Mailer,
    *,
    rabbit: str = "",
    window_seconds: float = 0.2,
    policy: RetryPolicy = POLICY,
    limits: MailLimits | None = None,
) -> Iterator[Worker]:
    """A worker, until the end of the block. rabbit: URL; empty: the broker in the database."""
    broker: Broker = (
        RabbitBroker(rabbit, policy, send_threads=2) if rabbit else LocalBroker(database, policy)
    )
    timing = Timing(window_seconds, 8)
    worker = Worker(database, broker, mailer, SENDER, timing, limits=limits)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(time.monotonic() + 10)
