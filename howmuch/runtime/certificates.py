"""Certificates in PEM files: checked when they are read, and read again when they have been replaced."""

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
"""How often files are looked at, at most: a few calls of stat."""

_TRIES = 5
"""So often files may be replaced while a program that starts reads them."""

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The PEM files of one side of a connection.

    certificate, key: what this side shows, the certificates between it and its CA included; None: nothing.
    The key has no passphrase. ca: one of these has to have signed what the other side shows; None: a server
    asks for nothing, a client trusts whom the system trusts.
    """

    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Pems:
    """What is in TlsFiles. None: there is no such file."""

    certificate: bytes | None
    key: bytes | None
    ca: bytes | None


def read_pems(files: TlsFiles) -> Pems:
    """What is in the files. ValueError, in one line that names the file, for what cannot be used."""
    _load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), files)
    return _contents(files)


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """What a server needs for TLS 1.2 and 1.3; with a `ca`, clients must show a certificate.

    ValueError, in one line that names the file, for what cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A client that negotiates again and again would cost much, and it itself next to nothing.
    context.options |= ssl.OP_NO_RENEGOTIATION
    if files.ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    _load_into(context, files)
    return context


class Watched(Generic[_Made]):
    """What is made of files, and made again when what is in them has changed.

    name: the settings that name the files, for the log. make: raises ValueError for what cannot be used.
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
        """What is made of new files; None where they are the same. Any thread may call it, often.

        Files that cannot be used change nothing, and are written of in the log once.
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
            # One file may have been replaced before the other: that is looked at again, without a word.
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
    """What changes when a file, or the link to it, is replaced or written to."""
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
    _contents(files)  # Says which file cannot be read, which OpenSSL does not.
    certificate, key, ca = _paths(files)
    if certificate is not None:
        try:
            # Without the password, OpenSSL would ask for one at the terminal.
            context.load_cert_chain(certificate, key, password="")
        except ssl.SSLError as error:
            raise ValueError(_why_not(certificate, key, error)) from error
    if ca is not None:
        try:
            context.load_verify_locations(ca)
        except ssl.SSLError as error:
            raise ValueError(f"{ca} holds no certificate in PEM format") from error


def _why_not(certificate: Path, key: Path | None, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key} is not the key of the certificate in {certificate}"
    return (
        f"{certificate} and {key} are not a certificate and its key, without a passphrase,"
        " in PEM format"
    )
