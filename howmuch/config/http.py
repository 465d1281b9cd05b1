"""The settings of the gateway: `http.listen` and what REST clients may do."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from howmuch.config.kinds import (
    Group,
    Int,
    ListenAddress,
    Networks,
    Seconds,
    Words,
    check_deadlines,
    lower,
)
from howmuch.config.tls import (
    ServerTlsSettings,
    UpstreamTlsSettings,
    check_server_tls,
    check_upstream_tls,
)


class HttpSettings(Group):
    """The gateway: HTTP and JSON in front of gRPC."""

    listen: ListenAddress = Field(
        "127.0.0.1:8080", description="Address to listen on, HOST:PORT; port 0 takes a free one."
    )
    upstream: str = Field(
        "127.0.0.1:50051",
        min_length=1,
        description="The gRPC service behind a `howmuch gateway`: HOST:PORT or unix:PATH.",
    )
    upstream_tls: UpstreamTlsSettings = UpstreamTlsSettings()
    descriptor_set: Path | None = Field(
        None,
        description="File with the FileDescriptorSet of the upstream, as"
        " `buf build --as-file-descriptor-set` writes it. Default: that of howmuch.",
    )
    reflect: bool = Field(
        False, description="Whether to ask the upstream for its descriptors, by gRPC reflection."
    )
    services: Words = Field(
        (), description="Full names of the services to serve. Default: all that have HTTP rules."
    )

    tls: ServerTlsSettings = ServerTlsSettings()
    hsts_seconds: Int = Field(
        31_536_000,
        ge=0,
        le=63_072_000,
        description="Seconds for which browsers are told, over HTTPS, to come by HTTPS alone; 0: they are"
        " not told.",
    )

    allow_trailing_slash: bool = Field(
        False, description="Whether /v1/things/ is the same as /v1/things; otherwise it is 404."
    )
    ignore_unknown_fields: bool = Field(
        False, description="Whether fields that a body should not have are passed over, not 400."
    )
    ignore_unknown_query_parameters: bool = Field(
        False, description="Whether query parameters that a method lacks are passed over, not 400."
    )
    ignored_query_parameters: Words = Field(
        (), description="Query parameters that are passed over everywhere, such as utm_source,key."
    )
    update_mask: Annotated[Literal["auto", "deep", "top", "off"], BeforeValidator(lower)] = Field(
        "auto",
        description="What a PATCH without an update mask changes: the fields of its body (top), also"
        " single fields inside objects (deep), or what the service makes of no mask (off)."
        " auto: top for howmuch, deep for others.",
    )
    emit_defaults: bool = Field(
        False, description="Whether answers have fields that are zero, false or empty, too."
    )

    max_request_bytes: Int = Field(
        4 * 1024 * 1024, ge=1, le=1 << 30, description="Bytes of the largest body, unpacked."
    )
    max_response_bytes: Int = Field(
        16 * 1024 * 1024, ge=1, le=1 << 30, description="Bytes of the largest response message."
    )
    max_header_bytes: Int = Field(
        32 * 1024, ge=1024, le=1 << 20, description="Bytes of all headers of a request together."
    )
    max_connections: Int = Field(
        4096, ge=1, le=1_000_000, description="Connections that one process holds; more are closed."
    )
    max_concurrent_requests: Int = Field(
        1024, ge=1, le=1_000_000, description="Requests under way in one process; more get 503."
    )
    default_deadline_seconds: Seconds = Field(
        30.0, gt=0, le=86_400, description="Seconds for a call whose client names none."
    )
    max_deadline_seconds: Seconds = Field(
        300.0, gt=0, le=86_400, description="Seconds for a call, whatever its client names."
    )
    max_stream_seconds: Seconds = Field(
        3600.0, gt=0, le=604_800, description="Seconds after which a stream of answers ends."
    )
    header_timeout_seconds: Seconds = Field(
        10.0, gt=0, le=3600, description="Seconds in which the headers of a request have to arrive."
    )
    body_timeout_seconds: Seconds = Field(
        60.0, gt=0, le=86_400, description="Seconds in which the body of a request has to arrive."
    )
    write_timeout_seconds: Seconds = Field(
        60.0, gt=0, le=86_400, description="Seconds that a client may leave an answer unread."
    )
    keep_alive_seconds: Seconds = Field(
        75.0, ge=1, le=86_400, description="Seconds that an idle connection is kept."
    )
    heartbeat_seconds: Seconds = Field(
        15.0, gt=0, le=3600, description="Seconds between comments in a quiet stream of events."
    )

    gzip_min_bytes: Int = Field(
        1024, ge=0, le=1 << 30, description="Bytes from which on answers are sent as gzip."
    )
    cors_origins: Words = Field(
        (),
        description="Origins of web pages that may call, such as https://app.example.com; * for all.",
    )
    trusted_proxies: Networks = Field(
        (), description="Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."
    )
    docs: bool = Field(
        True, description="Whether /, /docs, /openapi.json and /openapi.yaml are served."
    )
    public_option: str = Field(
        "",
        pattern=r"^$|^[\w.]+=\w+$",
        description="A method option that says that a call needs no sign-in, for the OpenAPI document,"
        " such as example.v1.access=PUBLIC.",
    )

    @model_validator(mode="after")
    def _deadlines_in_order(self) -> Self:
        check_deadlines(self.default_deadline_seconds, self.max_deadline_seconds)
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        check_server_tls("http.tls", self.tls)
        check_upstream_tls("http.upstream_tls", self.upstream_tls)
        return self
