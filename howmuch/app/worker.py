"""The mail worker as a component, and the dead letters of its broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from howmuch.app.links import mail_links
from howmuch.app.parts import OpenDatabase
from howmuch.app.telemetry import OpenTracing, mail_observer
from howmuch.config import Settings
from howmuch.runtime.file_lock import FileLock

if TYPE_CHECKING:
    from howmuch.mail.delivery.fanout import Timing
    from howmuch.mail.delivery.mailers import Mailer
    from howmuch.mail.delivery.worker import Worker
    from howmuch.messaging.broker import Broker, DeadLetters
    from howmuch.storage.database import Database

_COMMANDS_OF_A_MAIL = 6
"""Answers of a mail server, each within the timeout: to connect, EHLO, MAIL, RCPT, DATA and the text."""

_FILE_SECONDS = 5.0
"""The longest that writing a file takes."""


class MailWorker:
    """Relay, broker and mailer."""

    name = "mail worker"

    def __init__(self, settings: Settings, opened: OpenDatabase, tracing: OpenTracing) -> None:
        self._settings = settings
        self._opened = opened
        self._tracing = tracing
        self._worker: Worker | None = None
        self._alone: FileLock | None = None

    def start(self) -> None:
        """Does not wait for the broker or the mail server, which may come later.

        RuntimeError if another program sends the mails of the same SQLite file.
        """
        self._be_alone()
        from howmuch.mail.delivery.mail_limits import MailLimits
        from howmuch.mail.delivery.sender import Sender
        from howmuch.mail.delivery.worker import Worker

        mail = self._settings.mail
        sender = Sender(
            address=mail.sender,
            links=mail_links(self._settings),
            lease_seconds=_COMMANDS_OF_A_MAIL * mail.smtp.timeout_seconds
            if mail.smtp.host
            else _FILE_SECONDS,
        )
        self._worker = Worker(
            self._opened.database,
            _broker(self._settings, self._opened.database),
            _mailer(self._settings, sender.domain),
            sender,
            _timing(self._settings),
            mail_observer(self._settings, self._tracing.tracer),
            MailLimits(**mail.limits.model_dump()),
        )
        self._worker.start()

    def _be_alone(self) -> None:
        """SQLite cannot lock a message for one relay, so there is one program with a relay."""
        from sqlalchemy import make_url

        url = make_url(self._settings.database.url.get_secret_value())
        if url.get_backend_name() != "sqlite" or not url.database:
            return
        self._alone = FileLock(Path(f"{url.database}.mail-lock"))
        if not self._alone.take():
            raise RuntimeError(
                f"another program sends the mails of {url.database} already; `howmuch run` needs no"
                " worker beside it. Stop one of them, or use PostgreSQL"
            )

    def follow(self, settings: Settings) -> None:
        assert self._worker is not None
        self._worker.set_timing(_timing(settings))

    def stop(self, deadline: float) -> None:
        assert self._worker is not None
        self._worker.stop(deadline)
        if self._alone is not None:
            self._alone.release()


@contextmanager
def dead_letters(settings: Settings) -> Iterator["DeadLetters"]:
    from howmuch.messaging.local import LocalDeadLetters
    from howmuch.messaging.rabbit_dead import RabbitDeadLetters

    if url := settings.broker.url.get_secret_value():
        yield RabbitDeadLetters(url)
        return
    opened = OpenDatabase(settings)
    opened.start()
    try:
        yield LocalDeadLetters(opened.database)
    finally:
        opened.stop(0.0)


def _broker(settings: Settings, database: "Database") -> "Broker":
    from howmuch.messaging.handling import RetryPolicy
    from howmuch.messaging.local import LocalBroker
    from howmuch.messaging.rabbit import RabbitBroker

    broker = settings.broker
    policy = RetryPolicy(broker.retry_delays_seconds, broker.max_attempts)
    if url := broker.url.get_secret_value():
        return RabbitBroker(url, policy, send_threads=settings.mail.threads)
    return LocalBroker(database, policy)


def _mailer(settings: Settings, domain: str) -> "Mailer":
    from howmuch.mail.delivery.mailers import DirectoryMailer, SmtpMailer, SmtpServer

    mail = settings.mail
    if not mail.smtp.host:
        return DirectoryMailer(mail_directory(settings), mail.directory_kept_days)
    return SmtpMailer(
        SmtpServer(
            host=mail.smtp.host,
            port=mail.smtp.port,
            security=mail.smtp.security,
            user=mail.smtp.user,
            password=mail.smtp.password.get_secret_value(),
            timeout_seconds=mail.smtp.timeout_seconds,
            local_hostname=domain,
        )
    )


def mail_directory(settings: Settings) -> Path:
    """The directory for mails if no mail server is configured."""
    return (settings.mail.directory or settings.data_dir / "mail").expanduser().absolute()


def _timing(settings: Settings) -> "Timing":
    from howmuch.mail.delivery.fanout import Timing

    return Timing(settings.mail.window_seconds, settings.mail.digest_hour)
