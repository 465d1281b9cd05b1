"""The options of the gateway, with safe defaults."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from howmuch.runtime.certificates import TlsFiles

UpdateMask = Literal["deep", "top", "off"]


class MethodOption(NamedTuple):
    """A method option with a value, such as `example.v1.access` and `PUBLIC`."""

    name: str
    value: str


class Preconditions(NamedTuple):
    """Writes that check If-Match, if their request has an etag.

    names: see `names_method`. reason: in the ErrorInfo of ABORTED, for an etag that is not current; empty
    means any. current: key of its metadata for the current etag; empty means none.
    """

    names: tuple[str, ...]
    reason: str = ""
    current: str = ""


def names_method(names: Iterable[str], method: str) -> bool:
    """Whether one of these full names is that of the method, of its service or of its package."""
    return any(f"{method}.".startswith(f"{name}.") for name in names)


@dataclass(frozen=True, slots=True)
class Info:
    """The info object of the OpenAPI document. Empty values come from the descriptors.

    public_option: marks methods that need no sign-in. idempotency_keys: names of writes that take an
    Idempotency-Key, see `names_method`.
    """

    title: str = ""
    version: str = ""
    servers: tuple[str, ...] = ()
    public_option: MethodOption | None = None
    idempotency_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """Methods without Info.public_option need an Authorization header; the others take small bodies only.

    reason, domain, message: of the error for a request without it; empty means those of the gateway.
    check_method: path of a unary method that refuses wrong credentials, called with an empty message before a
    large or compressed body is read; empty means no check. public_bytes: of a body without credentials.
    """

    reason: str = ""
    domain: str = ""
    message: str = ""
    check_method: str = ""
    public_bytes: int = 64 * 1024


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """A cookie that stands for the Authorization header in browsers.

    name: without the prefix `__Host-`, which it has over HTTPS. set_by: gRPC path of the method whose
    response has a token. asked_by: field of its request that asks for the cookie. token: field of its
    response, which is then left out. expires: JSON names along the path to the time when the token expires.
    ended_by: gRPC paths of methods that end the session. ended_reason: of the error for an ended session.
    marker: name of a second cookie, without a secret, that tells scripts of the page that there is a session.
    """

    name: str
    set_by: str
    asked_by: str
    token: str
    expires: tuple[str, ...]
    ended_by: tuple[str, ...]
    ended_reason: str
    marker: str


class Resumable(NamedTuple):
    """A stream of events that continues after a lost connection.

    method: its gRPC path. item_field: of a message, the id of its event. request_field: gets Last-Event-ID.
    """

    method: str
    item_field: str
    request_field: str


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """listen: HOST:PORT; port 0 takes a free one.

    allow_trailing_slash: treat /v1/things/ as /v1/things. ignore_unknown_fields and
    ignore_unknown_query_parameters: ignore them instead of 400; ignored_query_parameters: only these names.
    update_mask: the implied mask of a PATCH without one: the fields of the body (`top`), fields inside its
    messages (`deep`), or none (`off`). emit_defaults: print fields at their default too.

    max_request_bytes: of a body, after decompression. max_bodies_bytes: of all bodies together, without the
    first 16 KiB of each. max_compression_ratio: of a body larger than 64 KiB. max_response_bytes: of one
    message. Clients may choose a deadline up to max_deadline_seconds; a stream's default and limit are
    max_stream_seconds. max_concurrent_requests: without streams. max_connections_per_network and
    max_streams_per_network: of one IPv4 address or IPv6 /64; connections of trusted_proxies are not bounded.
    max_streams_per_caller: with the same Authorization.

    credentials: refuses calls before their body is read; None means that the service alone refuses.
    session_cookie: None means that browsers send the Authorization header as well. resumable: streams of
    events with ids. preconditions: None means that no write checks If-Match.

    cache_elements: keep the JSON of elements of lists, to send it again.
    watch_health: call only upstream servers whose health service reports SERVING.

    cors_origins: such as https://app.example.com, or `*` for all. cors_credentials: pages of named origins
    may send cookies. cors_expose_headers: that pages may read, besides those of the gateway.
    trusted_proxies: networks whose X-Forwarded-For is trusted. docs: serve /developers, /docs and the OpenAPI
    document. site: directory of a web app to serve at /; None means that / is the page for developers.

    tls: serve HTTPS only; its CA, if any, verifies client certificates. hsts_seconds: max-age of
    Strict-Transport-Security; 0 disables it. upstream_tls: None means no TLS. upstream_server_name: in the
    upstream's certificate; empty means the host of its address.
    """

    listen: str = "127.0.0.1:0"
    tls: TlsFiles | None = None
    hsts_seconds: int = 31_536_000
    upstream_tls: TlsFiles | None = None
    upstream_server_name: str = ""

    allow_trailing_slash: bool = False
    ignore_unknown_fields: bool = False
    ignore_unknown_query_parameters: bool = False
    ignored_query_parameters: tuple[str, ...] = ()
    update_mask: UpdateMask = "deep"
    emit_defaults: bool = False

    max_request_bytes: int = 4 * 1024 * 1024
    max_json_values: int = 50_000
    max_query_parameters: int = 1000
    max_compression_ratio: int = 100
    max_bodies_bytes: int = 64 * 1024 * 1024
    max_response_bytes: int = 16 * 1024 * 1024
    max_header_bytes: int = 32 * 1024
    max_connections: int = 4096
    max_connections_per_network: int = 1024
    max_concurrent_requests: int = 1024
    max_streams: int = 1024
    max_streams_per_network: int = 256
    max_streams_per_caller: int = 20
    default_deadline_seconds: float = 30.0
    max_deadline_seconds: float = 300.0
    max_stream_seconds: float = 3600.0
    header_timeout_seconds: float = 10.0
    body_timeout_seconds: float = 60.0
    write_timeout_seconds: float = 60.0
    keep_alive_seconds: float = 75.0
    heartbeat_seconds: float = 15.0

    cache_elements: bool = True
    watch_health: bool = False
    gzip_min_bytes: int = 1024
    cors_origins: tuple[str, ...] = ()
    cors_credentials: bool = False
    cors_expose_headers: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    docs: bool = True
    site: Path | None = None
    info: Info = Info()
    credentials: Credentials | None = None
    session_cookie: SessionCookie | None = None
    resumable: tuple[Resumable, ...] = ()
    preconditions: Preconditions | None = None
