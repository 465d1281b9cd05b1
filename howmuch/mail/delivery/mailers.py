"""Mailers hand over a composed mail: to an SMTP server, or as a file in a directory."""

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
from howmuch.runtime.one_line import one_line

Security = Literal["none", "starttls", "tls"]

_IDLE_SECONDS = 10.0
"""A kept connection that was idle for this long is checked before it is used."""


class Mailer(Protocol):
    """Threads may share one."""

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Returns once the server or the disk has the mail. Raises RetryLater, GiveUp."""

    def close(self) -> None: ...


class DirectoryMailer:
    """Writes each mail to a file `TIME-PID-NUMBER.eml`, which is complete as soon as it has this name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises Away if the file cannot be written."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}"
        unfinished = self._directory / f".{name}"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            unfinished.write_bytes(data)
            unfinished.rename(self._directory / f"{name}.eml")
        except OSError as error:
            raise Away(f"{self._directory} cannot be written: {error.strerror}") from error

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """user: empty means no authentication. local_hostname: sent in the EHLO."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    timeout_seconds: float
    local_hostname: str


class SmtpMailer:
    """Keeps a connection for each thread."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._local = threading.local()
        self._open: set[smtplib.SMTP] = set()

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises Away if the server is down, RetryLater for a 4xx code, GiveUp for 5xx."""
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
            # The configured password is wrong, so no mail is at fault.
            self._drop()
            raise Away(f"the mail server refuses the login: {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            address = f"{self._server.host}:{self._server.port}"
            raise Away(f"the mail server {address}: {one_line(error)}") from error
        except (RetryLater, GiveUp):
            self._drop()
            raise

    def close(self) -> None:
        for client in list(self._open):
            client.close()

    def _connected(self) -> smtplib.SMTP:
        """This thread's connection, ready for a mail."""
        client: smtplib.SMTP | None = getattr(self._local, "client", None)
        if client is not None:
            if time.monotonic() - self._local.used < _IDLE_SECONDS or _is_alive(client):
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


def _is_alive(client: smtplib.SMTP) -> bool:
    try:
        return client.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _check(code: int, answer: bytes, command: str) -> None:
    if not 200 <= code < 300:
        raise _of_code(code, answer, command)


def _of_code(code: int, answer: bytes | str, command: str) -> RetryLater | GiveUp:
    text = answer.decode("ascii", "replace") if isinstance(answer, bytes) else answer
    said = f"the mail server said {code} {text} to {command}"
    if 500 <= code < 600:
        return GiveUp(said)
    # 421: the server closes all connections. Other codes may concern this mail alone.
    return Away(said) if code == 421 else RetryLater(said)
