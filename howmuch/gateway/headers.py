"""HTTP request headers, their gRPC metadata, and response headers from metadata."""

import base64
import binascii
import functools
import random
import re
from collections.abc import Iterable, Sequence

from howmuch.gateway.etags import listed, without_hash
from howmuch.gateway.status import Headers, Refusal, invalid
from howmuch.runtime.networks import Network, client_address, is_in

Metadata = list[tuple[str, str | bytes]]

_HOP_BY_HOP = {  # RFC 9110, 7.6.1
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}
_OF_THE_BODY = {"content-encoding", "content-length", "content-type"}
_HANDLED_HERE = {
    "accept-encoding",
    "expect",
    "forwarded",
    "host",
    "x-forwarded-for",
    "x-real-ip",
    "x-request-id",
    "x-server-timeout",
}
"""Headers that the gateway acts on, or sends with values of its own."""
_NOT_FORWARDED = _HOP_BY_HOP | _OF_THE_BODY | _HANDLED_HERE
_NOT_ANSWERED = _HOP_BY_HOP | _OF_THE_BODY | {"date", "server"}
_NEVER_DROPPED = frozenset({"authorization", "idempotency-key", "if-match"})
"""Dropping one would change the call. Other values that gRPC cannot carry are dropped."""
_NAME = re.compile(r"[a-z0-9_.-]+")
_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_GRPC_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NEVER = re.compile(r"\s*q=0(?:\.0*)?\s*")
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_OLD_PREFIX = "grpc-metadata-"
"""Prefix of metadata from clients of grpc-gateway."""


class RequestHeaders:
    """The headers of a request by lower-case name; of a repeated name, the last value."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw
        self._values = dict(raw)

    def get(self, name: bytes) -> str:
        """The value; empty means none."""
        value = self._values.get(name)
        return value.decode("latin-1").strip() if value else ""

    def _all(self, name: bytes) -> str:
        """All values of a repeated header, joined by commas."""
        return ", ".join(value.decode("latin-1") for each, value in self._raw if each == name)

    def request_id(self) -> str:
        """X-Request-Id if it is 1 to 128 visible ASCII characters, else a new id."""
        given = self.get(b"x-request-id")
        return given if _REQUEST_ID.fullmatch(given) else new_request_id()

    def timeout_seconds(self, default: float, longest: float) -> float:
        """The deadline from Grpc-Timeout or X-Server-Timeout, at most `longest`. Raises Refusal."""
        seconds = default
        timeout = self.get(b"grpc-timeout")
        if timeout:
            found = _GRPC_TIMEOUT.fullmatch(timeout)
            if found is None:
                raise _wrong("Grpc-Timeout", "a number and a unit such as 5S or 200m", timeout)
            seconds = int(found[1]) * _UNITS[found[2]]
        elif timeout := self.get(b"x-server-timeout"):
            if not _SECONDS.fullmatch(timeout):
                raise _wrong("X-Server-Timeout", "seconds such as 2.5", timeout)
            seconds = float(timeout)
        return min(seconds, longest)

    def metadata(
        self, request_id: str, client: str, trusted: Sequence[Network], traceparent: str = ""
    ) -> Metadata:
        """The metadata of the call. client: IP address of the connection. Raises Refusal.

        traceparent: replaces the client's; empty means keep the client's.
        """
        named: set[str] = set()
        if b"connection" in self._values:
            named = {name.strip() for name in self._all(b"connection").lower().split(",")}
        if traceparent:
            named.add("traceparent")
        metadata: Metadata = []
        for raw_name, raw_value in self._raw:
            name = _forwarded_name(raw_name)
            if not name or name in named:
                continue
            value = raw_value.decode("latin-1")
            if name == "if-match":
                value = self.if_match() or value
                named.add(name)  # Its other lines are in this value.
            if name.endswith("-bin"):
                metadata.append((name, _binary(name, value)))
            elif value.isascii() and value.isprintable():
                metadata.append((name, value))
            elif name in _NEVER_DROPPED:
                raise _wrong(name, "printable ASCII", value)
        metadata.append(("x-request-id", request_id))
        if traceparent:
            metadata.append(("traceparent", traceparent))
        if client:
            before = self._all(b"x-forwarded-for") if is_in(client, trusted) else ""
            if not (before.isascii() and before.isprintable()):
                before = ""
            metadata.append(("x-forwarded-for", f"{before}, {client}" if before else client))
        return metadata

    def if_match(self) -> str:
        """The list of If-Match as the service gets it. Empty means none."""
        return without_hash(self._all(b"if-match")).strip()

    def client_address(self, connection: str, trusted: Sequence[Network]) -> str:
        """The address of the client. connection: the address that connected."""
        if not is_in(connection, trusted):
            return connection
        return client_address(connection, self._all(b"x-forwarded-for"), trusted)

    def accepts(self, media_type: str) -> bool:
        """Whether Accept lists this media type; wildcards do not count."""
        accepted = self.get(b"accept").lower()
        return any(part.split(";")[0].strip() == media_type for part in accepted.split(","))

    def accepts_coding(self, coding: str) -> bool:
        """Whether Accept-Encoding lists this content coding, or else `*`."""
        parts = self.get(b"accept-encoding").lower().split(",")
        pairs = (part.partition(";") for part in parts)
        given = {name.strip(): parameters for name, _, parameters in pairs}
        parameters = given.get(coding, given.get("*"))
        return parameters is not None and not _NEVER.fullmatch(parameters)

    def matches_etag(self, etag: bytes) -> bool:
        """Whether If-None-Match lists this ETag, by weak comparison (RFC 9110, 13.1.2)."""
        given = self._all(b"if-none-match").strip() if b"if-none-match" in self._values else ""
        if not given or given == "*":
            return bool(given)
        wanted = etag.decode("latin-1").removeprefix("W/")
        return any(one.removeprefix("W/") == wanted for one in listed(given))


def new_request_id() -> str:
    return f"{random.getrandbits(128):032x}"


@functools.lru_cache(maxsize=1024)
def _forwarded_name(raw_name: bytes) -> str:
    """The metadata key of a header; empty means that it is not forwarded."""
    name = raw_name.decode("latin-1").removeprefix(_OLD_PREFIX)
    if name in _NOT_FORWARDED or name.startswith("grpc-") or not _NAME.fullmatch(name):
        return ""
    # gRPC sets user-agent itself.
    return "x-user-agent" if name == "user-agent" else name


def from_metadata(metadata: Iterable[tuple[str, str | bytes]]) -> Headers:
    """The response headers from the upstream's metadata."""
    headers = []
    for name, value in metadata:
        if name.startswith("grpc-") or name in _NOT_ANSWERED:
            continue
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        headers.append((name.encode(), value.encode("latin-1", "replace")))
    return headers


def _binary(name: str, value: str) -> bytes:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong(name, "bytes in base64", value) from None


def _wrong(name: str, rule: str, value: str) -> Refusal:
    said = f"Header {name}: expected {rule}, not {value[:60]!r}."
    return invalid(name, "HEADER_INVALID", said)
