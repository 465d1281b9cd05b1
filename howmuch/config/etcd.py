"""etcd as a layer of settings: read the values below a prefix, and wait for the next change."""

import base64
import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from howmuch.config.kinds import parse_endpoint
from howmuch.config.settings import EtcdSettings

if TYPE_CHECKING:
    from etcd3gw.client import Etcd3Client

QUIET_SECONDS = 60.0
"""Longest silent wait. A longer silence may be a dead connection."""


class EtcdError(Exception):
    """No endpoint gave a valid answer. The text is one line with the reason for each."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All names below the prefix with their values, at a revision of the store."""

    values: Mapping[str, str]
    revision: int


def read_once(settings: EtcdSettings) -> Mapping[str, str]:
    """Return all names below the prefix with their values. Raises EtcdError."""
    etcd = Etcd(settings)
    try:
        return etcd.read().values
    finally:
        etcd.close()


class Etcd:
    """A reader of one prefix. One thread reads and waits; any thread may interrupt.

    etcd3gw finds the API and speaks TLS. Its watcher is not used: it drops connection errors, so a program
    would wait forever for an etcd that is down.
    """

    def __init__(self, settings: EtcdSettings) -> None:
        self._settings = settings
        self._range = {
            "key": _encoded(settings.prefix),
            # The first name after all names with the prefix, which ends in a slash.
            "range_end": _encoded(settings.prefix[:-1] + "0"),
        }
        self._client: Etcd3Client | None = None
        self._lock = threading.Lock()
        self._stream: Any = None
        self._interrupted = False

    def read(self) -> Snapshot:
        """Read the present values from the first endpoint that answers. Raises EtcdError."""
        from etcd3gw.exceptions import Etcd3Exception

        failures = []
        for endpoint in self._settings.endpoints:
            try:
                client = self._connect(endpoint)
                answer = client.post(client.get_url("/kv/range"), json=self._range)
                return Snapshot(
                    {
                        _decoded(item["key"]): _decoded(item.get("value", ""))
                        for item in answer.get("kvs", [])
                    },
                    int(answer["header"]["revision"]),
                )
            # requests raises OSErrors, even for an answer that is not JSON.
            except (OSError, Etcd3Exception) as error:
                failures.append(f"{endpoint}: {_reason(error)}")
            except (AttributeError, KeyError, TypeError, ValueError):
                failures.append(f"{endpoint}: does not answer as etcd does")
        raise EtcdError("; ".join(failures))

    def put(self, values: Mapping[str, str]) -> None:
        """Write all values or none. Call it after `read`: it uses that endpoint. Raises EtcdError."""
        from etcd3gw.exceptions import Etcd3Exception

        assert self._client is not None
        puts = [
            {"requestPut": {"key": _encoded(name), "value": _encoded(value)}}
            for name, value in values.items()
        ]
        try:
            self._client.post(self._client.get_url("/kv/txn"), json={"success": puts})
        except (OSError, Etcd3Exception) as error:
            raise EtcdError(_reason(error)) from None

    def wait(self, revision: int) -> bool:
        """Wait until a name below the prefix may have changed since this revision.

        Returns False if the connection was lost or interrupted. Call it after `read`: it uses that endpoint.
        """
        assert self._client is not None
        create = self._range | {"start_revision": revision + 1}
        try:
            response = self._client.session.post(
                self._client.get_url("/watch"),
                json={"create_request": create},
                stream=True,
                timeout=(self._settings.timeout_seconds, QUIET_SECONDS),
            )
            with response:
                with self._lock:
                    if self._interrupted:
                        return False
                    self._stream = response.raw
                try:
                    return _has_event(response.iter_lines())
                finally:
                    with self._lock:
                        self._stream = None
        except OSError as error:
            return any(isinstance(cause, TimeoutError) for cause in _causes(error))

    def interrupt(self) -> None:
        """End a wait of another thread, and all later ones."""
        with self._lock:
            self._interrupted = True
            if self._stream is not None:
                # It raises if the stream has just ended.
                with suppress(RuntimeError, ValueError):
                    self._stream.shutdown()

    def close(self) -> None:
        """Close the connection. Only the reading thread may call it."""
        if self._client is not None:
            self._client.session.close()

    def _connect(self, endpoint: str) -> "Etcd3Client":
        """Make a new client for each reading, so that old tokens and addresses are not kept."""
        from etcd3gw.client import Etcd3Client

        self.close()
        settings = self._settings
        protocol, host, port = parse_endpoint(endpoint)
        client = self._client = Etcd3Client(
            host,
            port,
            protocol,
            ca_cert=_path(settings.ca),
            cert_cert=_path(settings.certificate),
            cert_key=_path(settings.key),
            timeout=settings.timeout_seconds,
        )
        # Use the proxies, passwords and certificates of the settings only.
        client.session.trust_env = False
        if settings.user:
            account = {"name": settings.user, "password": settings.password.get_secret_value()}
            answer = client.post(client.get_url("/auth/authenticate"), json=account)
            client.session.headers["Authorization"] = answer["token"]
        return client


def _has_event(lines: Any) -> bool:
    """Whether a change comes before the stream ends or fails."""
    for line in lines:
        try:
            answer = json.loads(line or "{}")
        except ValueError:
            return False
        result = answer.get("result", {})
        if result.get("events"):
            return True
        if "error" in answer or result.get("canceled"):
            return False
    return False


def _reason(error: BaseException) -> str:
    """The root cause, in a few words."""
    detail = getattr(error, "detail_text", None)
    if detail:
        try:
            return str(json.loads(detail)["error"])
        except (ValueError, KeyError, TypeError):
            pass  # A proxy answered, in HTML.
    *_, cause = _causes(error)
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return " ".join(text.split()) or type(cause).__name__


def _causes(error: BaseException) -> list[BaseException]:
    """The error and its causes, the root cause last."""
    causes = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None:
        causes.append(cause)
    return causes


def _path(path: object) -> str | None:
    return None if path is None else str(path)


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode(errors="replace")
