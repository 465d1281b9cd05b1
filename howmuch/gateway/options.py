"""How the gateway behaves: every choice, with its safe default."""

from dataclasses import dataclass
from typing import Literal

from howmuch.runtime.certificates import TlsFiles

UpdateMask = Literal["deep", "top", "off"]


@dataclass(frozen=True, slots=True)
class Info:
    """What the OpenAPI document says of the whole. Empty: as the descriptors say it.

    public_option: a method option and its value with which a method needs no sign-in, such as
    ("example.v1.access", "PUBLIC").
    """

    title: str = ""
    version: str = ""
    servers: tuple[str, ...] = ()
    public_option: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """listen: HOST:PORT; port 0 takes a free one.

    allow_trailing_slash: whether /v1/things/ is /v1/things. ignore_unknown_fields, _query_parameters: pass
    over what a message does not have, instead of 400; ignored_query_parameters: only these names.
    update_mask: what a PATCH without a mask means: the fields of the body (`top`), down to those inside
    messages (`deep`), or nothing (`off`). emit_defaults: print fields at their default too.

    max_request_bytes: of a body, unpacked. max_response_bytes: of one message. Deadlines are in seconds;
    callers may ask for theirs under max_deadline_seconds, which streams end at as well.

    watch_health: whether servers of the upstream get calls only while their health service says SERVING.

    cors_origins: such as https://app.example.com, or `*` for all. trusted_proxies: networks whose
    X-Forwarded-For is believed. docs: whether /, /docs and the OpenAPI document are served.

    tls: serves HTTPS alone, and asks for clients' certificates where there is a CA for them. hsts_seconds:
    what Strict-Transport-Security then says; 0: it is not sent. upstream_tls: how the upstream is reached;
    None: not encrypted. upstream_server_name: in its certificate, where it is not the host of its address.
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
    max_response_bytes: int = 16 * 1024 * 1024
    max_header_bytes: int = 32 * 1024
    max_connections: int = 4096
    max_concurrent_requests: int = 1024
    default_deadline_seconds: float = 30.0
    max_deadline_seconds: float = 300.0
    max_stream_seconds: float = 3600.0
    header_timeout_seconds: float = 10.0
    body_timeout_seconds: float = 60.0
    write_timeout_seconds: float = 60.0
    keep_alive_seconds: float = 75.0
    heartbeat_seconds: float = 15.0

    watch_health: bool = False
    gzip_min_bytes: int = 1024
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    docs: bool = True
    info: Info = Info()
