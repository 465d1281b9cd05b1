"""Where a composed mail goes: to an SMTP server, or as a file into a directory."""

import functools
import itertools
import os
import smtplib
import ssl
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from howmuch.messaging.broker import Away, GiveUp, RetryLater

Security = Literal["none", "starttls", "tls"]

_IDLE_SECONDS = 10.0
"""A kept connection that was not used for so long is asked whether it still stands."""


class Mailer(Protocol):
    """Threads may share one."""

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Returns once the mail is in somebody else's care. Raises RetryLater, GiveUp."""

    def close(self) -> None:
        """Ends what is kept open."""


class DirectoryMailer:
    """A file `TIME-NUMBER.eml` for each mail, complete as soon as it is there."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises RetryLater where the file cannot be written."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}"
        unfinished = self._directory / f".{name}"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(data)
            unfinished.rename(self._directory / f"{name}.eml")
        except OSError as error:
            raise Away(f"{self._directory} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Nothing is kept open."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """security: none, STARTTLS, or TLS from the start. user: empty: no authentication."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    timeout_seconds: float
    local_hostname: str


class SmtpMailer:
    """A connection for each thread, kept as long as the server keeps it."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._local = threading.local()
        self._open: set[smtplib.SMTP] = set()

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises RetryLater for what may work later (a server that is away, 4xx), GiveUp for 5xx."""
        try:
            client = self._connected()
            _check(*client.mail(sender), "MAIL")
            _check(*client.rcpt(recipient), "RCPT")
            _check(*client.data(data), "DATA")
            self._local.used = time.monotonic()
        except smtplib.SMTPDataError as error:
            self._drop()
            raise _of_code(error.smtp_code, error.smtp_error, "DATA") from error
        except smtplib.SMTPAuthenticationError as error:
            # Whoever runs this has the password wrong: no mail is to blame.
            self._drop()
            raise Away(f"the mail server refuses the login: {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Away(f"the mail server {self._address}: {_text(error)}") from error
        except (RetryLater, GiveUp):
            self._drop()
            raise

    def close(self) -> None:
        """Closes every connection."""
        for client in list(self._open):
            client.close()

    @property
    def _address(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def _connected(self) -> smtplib.SMTP:
        """This thread's connection, in the state in which a mail may begin."""
        client: smtplib.SMTP | None = getattr(self._local, "client", None)
        if client is not None:
            if time.monotonic() - self._local.used < _IDLE_SECONDS or _stands(client):
                return client
            self._drop()
        client = self._connect()
        self._local.client, self._local.used = client, time.monotonic()
        self._open.add(client)
        return client

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        make = (
            functools.partial(smtplib.SMTP_SSL, context=context)
            if server.security == "tls"
            else smtplib.SMTP
        )
        client = make(
            server.host, server.port, server.local_hostname, timeout=server.timeout_seconds
        )
        try:
            if server.security == "starttls":
                client.starttls(context=context)
            client.ehlo_or_helo_if_needed()
            if server.user:
                client.login(server.user, server.password)
        except BaseException:
            client.close()
            raise
        return client

    def _drop(self) -> None:
        client: smtplib.SMTP | None = getattr(self._local, "client", None)
        if client is not None:
            client.close()
            self._open.discard(client)
            self._local.client = None


def _stands(client: smtplib.SMTP) -> bool:
    try:
        return client.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _check(code: int, answer: bytes, command: str) -> None:
    """Raises for a code that does not go on."""
    if not 200 <= code < 300:
        raise _of_code(code, answer, command)


def _of_code(code: int, answer: bytes | str, command: str) -> RetryLater | GiveUp:
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    said = f"the mail server said {code} {text} to {command}"
    if 500 <= code < 600:
        return GiveUp(said)
    # 421: it closes for everybody. Other codes may be about this mail alone.
    return Away(said) if code == 421 else RetryLater(said)


def _text(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
