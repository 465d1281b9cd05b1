"""Certificates in PEM files: checked when they are read, and reloaded after they were replaced."""

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import structlog

log = structlog.get_logger()

CHECK_SECONDS = 1.0
"""The files are checked at most this often, by a few calls of stat."""

_TRIES = 5
"""Attempts to read a consistent set of files at start."""

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files of one side of a connection.

    certificate: this side's certificate chain; None means that it has no certificate. key: without a
    passphrase. ca: the certificates that must have signed the other side's. None means that a server asks for
    no certificate, and that a client trusts the CAs of the system.
    """

    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Pems:
    certificate: bytes | None
    key: bytes | None
    ca: bytes | None


def read_pems(files: TlsFiles) -> Pems:
    """The contents of the files. Raises ValueError, in one line that names the file, for an invalid file."""
    _load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), files)
    return _contents(files)


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """The context of a server for TLS 1.2 and 1.3. With a `ca`, clients must present a certificate.

    Raises ValueError, in one line that names the file, for an invalid file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Renegotiation costs the server much and a client next to nothing.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if files.ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    _load_into(context, files)
    return context


class Watched(Generic[_Made]):
    """An object made from files, and made again when their contents have changed.

    name: the settings that name the files, for the log. make: raises ValueError for an invalid file.
    """

    def __init__(self, files: TlsFiles, name: str, make: Callable[[TlsFiles], _Made]) -> None:
        """Raises the ValueError of `make`."""
        self._files = files
        self._name = name
        self._make = make
        self._lock = threading.Lock()
        self._checked_at = time.monotonic()
        for _ in range(_TRIES):
            self._seen = _state(files)
            self.current = make(files)
            self._contents = _contents(files)
            if _state(files) == self._seen:
                return
        raise ValueError(f"{name}: the files change while they are read")

    def renew(self) -> _Made | None:
        """The object made from new files. None means that they are unchanged. Any thread may call it, often.

        Invalid files change nothing, and are logged once.
        """
        with self._lock:
            now = time.monotonic()
            if now - self._checked_at < CHECK_SECONDS:
                return None
            self._checked_at = now
            return self._read_again()

    def _read_again(self) -> _Made | None:
        seen = _state(self._files)
        if seen == self._seen:
            return None
        try:
            made, contents = self._make(self._files), _contents(self._files)
        except ValueError as error:
            # If one file was replaced before the other, the next call reads both again without a log line.
            if _state(self._files) == seen:
                self._seen = seen
                log.warning("new certificate refused", setting=self._name, reason=str(error))
            return None
        if _state(self._files) != seen:
            return None
        self._seen = seen
        if contents == self._contents:
            return None
        self._contents, self.current = contents, made
        log.info("certificate renewed", setting=self._name)
        return made


def _paths(files: TlsFiles) -> list[Path | None]:
    return [path and path.expanduser() for path in (files.certificate, files.key, files.ca)]


def _state(files: TlsFiles) -> list[tuple[int, ...] | None]:
    """A fingerprint of each file. It changes when the file, or the link to it, is replaced or written."""
    states: list[tuple[int, ...] | None] = []
    for path in _paths(files):
        try:
            stat = path.stat() if path else None
        except OSError:
            stat = None
        states.append(
            stat and (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
        )
    return states


def _contents(files: TlsFiles) -> Pems:
    read = []
    for path in _paths(files):
        try:
            read.append(path.read_bytes() if path else None)
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    return Pems(*read)


def _load_into(context: ssl.SSLContext, files: TlsFiles) -> None:
    _contents(files)  # Names the file that cannot be read, which OpenSSL does not.
    certificate, key, ca = _paths(files)
    if certificate is not None:
        try:
            # Without the password, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH":
                problem = f"{key} is not the key of the certificate in {certificate}"
            else:
                problem = (
                    f"{certificate} and {key} are not a certificate and its key, without a passphrase,"
                    " in PEM format"
                )
            raise ValueError(problem) from error
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise ValueError(f"{ca} holds no certificate in PEM format") from error
