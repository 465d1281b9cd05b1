"""Mailers hand over a composed mail: to an SMTP server, or as a file in a directory."""

import functools
import itertools
import os
import smtplib
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, Protocol

from howmuch.messaging.broker import Away, GiveUp, RetryLater, Unreachable
from howmuch.runtime.one_line import one_line

Security = Literal["none", "starttls", "tls"]

_FAILURES = (smtplib.SMTPException, OSError, RetryLater, GiveUp)

_IDLE_SECONDS = 10.0
"""A kept connection that was idle for this long is checked before it is used."""


_TIDY_SECONDS = 3600.0
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class Mailer(Protocol):
    """Threads may share one."""

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Returns once the server or the disk has the mail. Raises RetryLater, GiveUp."""

    def tidy(self) -> None:
        """Deletes old mails, if the mailer keeps mails. Called often."""

    def close(self) -> None: ...


class DirectoryMailer:
    """Writes each mail to a file `TIME-PID-NUMBER.eml`, which is complete as soon as it has this name.

    Only the owner of the process can read the files. kept_days: when they are deleted; 0 means never.
    """

    def __init__(self, directory: Path, kept_days: int = 30) -> None:
        self._directory = directory
        self._kept_days = kept_days
        self._tidy_at = 0.0
        self._numbers = itertools.count(1)

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        """Raises Unreachable if the file cannot be written.

        Only its owner can read the file, whatever the permissions of the directory: it may have links that
        open an account.
        """
        name = f"{time.time_ns():020d}-{os.getpid()}-{next(self._numbers)}"
        unfinished = self._directory / f".{name}"
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(unfinished, _NEW_FILE, 0o600), "wb") as file:
                file.write(data)
            unfinished.rename(self._directory / f"{name}.eml")
        except OSError as error:
            raise Unreachable(f"{self._directory} cannot be written: {error.strerror}") from error

    def tidy(self) -> None:
        """Deletes old files, once an hour. Skips those that cannot be deleted."""
        if not self._kept_days or time.monotonic() < self._tidy_at:
            return
        self._tidy_at = time.monotonic() + _TIDY_SECONDS
        oldest = time.time() - self._kept_days * 86_400
        for file in self._directory.glob("*.eml"):
            with suppress(OSError):
                if file.stat().st_mtime < oldest:
                    file.unlink()

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
        """Raises Unreachable if the server is down or hangs, Away if it drops the connection in this mail.

        Raises RetryLater for a 4xx code, GiveUp for 5xx.
        """
        kept = self._kept()
        if kept is not None:
            try:
                self._envelope(kept, sender, recipient)
            except (smtplib.SMTPServerDisconnected, ConnectionError, Away):
                # The server ended the kept connection, and has refused nothing: this mail gets a new one.
                self._drop()
                kept = None
            except _FAILURES as error:
                self._drop()
                self._raise_as_ours(error)
        try:
            if kept is None:
                self._envelope(self._connected(), sender, recipient)
            client: smtplib.SMTP = self._local.client
            _check(*client.data(data), "DATA")
            self._local.used = time.monotonic()
        except _FAILURES as error:
            self._drop()
            self._raise_as_ours(error)

    def _envelope(self, client: smtplib.SMTP, sender: str, recipient: str) -> None:
        _check(*client.mail(sender), "MAIL")
        _check(*client.rcpt(recipient), "RCPT")

    def _raise_as_ours(self, error: Exception) -> NoReturn:
        match error:
            case smtplib.SMTPDataError():
                raise _of_code(error.smtp_code, error.smtp_error, "DATA") from error
            case TimeoutError():
                raise Unreachable(f"the mail server {self._address} hangs") from error
            case smtplib.SMTPException() | OSError():
                raise Away(f"the mail server {self._address}: {one_line(error)}") from error
            case _:
                raise error

    @property
    def _address(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def tidy(self) -> None:
        pass

    def close(self) -> None:
        for client in list(self._open):
            client.close()

    def _kept(self) -> smtplib.SMTP | None:
        """This thread's connection from an earlier mail. None means that it needs a new one."""
        client: smtplib.SMTP | None = getattr(self._local, "client", None)
        if client is None:
            return None
        if time.monotonic() - self._local.used < _IDLE_SECONDS or _is_alive(client):
            return client
        self._drop()
        return None

    def _connected(self) -> smtplib.SMTP:
        """A new connection of this thread. Raises Unreachable."""
        try:
            client = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            # The configured password is wrong, so no mail is at fault.
            raise Unreachable(f"the mail server refuses the login: {error.smtp_code}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(f"the mail server {self._address}: {one_line(error)}") from error
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
