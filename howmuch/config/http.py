"""Settings of the gateway."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from howmuch.config.kinds import (
    COMMON,
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
    """The gateway: REST in front of gRPC."""

    listen: ListenAddress = Field(
        "127.0.0.1:8080",
        description="Address of REST, HOST:PORT; port 0 picks a free port.",
        json_schema_extra=COMMON,
    )
    upstream: str = Field(
        "127.0.0.1:50051",
        min_length=1,
        description="Address of the gRPC service behind `howmuch gateway`: HOST:PORT or unix:PATH.",
        json_schema_extra=COMMON,
    )
    upstream_tls: UpstreamTlsSettings = UpstreamTlsSettings()
    descriptor_set: Path | None = Field(
        None,
        description="File with the FileDescriptorSet of the upstream, as written by `buf build "
        "--as-file-descriptor-set`. Default: the one of howmuch.",
    )
    reflect: bool = Field(
        False, description="Read the descriptors from the upstream by gRPC reflection."
    )
    services: Words = Field(
        (),
        description="Full names of the services to serve. Default: all services with HTTP rules.",
    )

    tls: ServerTlsSettings = ServerTlsSettings()
    hsts_seconds: Int = Field(
        31_536_000,
        ge=0,
        le=63_072_000,
        description="max-age of the Strict-Transport-Security header, in seconds; 0 disables it.",
    )

    allow_trailing_slash: bool = Field(
        False, description="Accept /v1/things/ as /v1/things instead of answering 404."
    )
    ignore_unknown_fields: bool = Field(
        False, description="Ignore unknown fields in request bodies instead of answering 400."
    )
    ignore_unknown_query_parameters: bool = Field(
        False, description="Ignore unknown query parameters instead of answering 400."
    )
    ignored_query_parameters: Words = Field(
        (), description="Query parameters to ignore on every route, such as utm_source,key."
    )
    update_mask: Annotated[Literal["auto", "deep", "top", "off"], BeforeValidator(lower)] = Field(
        "auto",
        description="Fields that a PATCH without an update mask changes: top: the fields of its body; "
        "deep: also single fields inside objects; off: the service decides. auto: top for "
        "howmuch, deep for other services.",
    )
    emit_defaults: bool = Field(
        False, description="Include fields that are zero, false or empty in responses."
    )

    max_request_bytes: Int = Field(
        4 * 1024 * 1024,
        ge=1,
        le=1 << 30,
        description="Maximum size of a request body after decompression, in bytes.",
    )
    max_bodies_bytes: Int = Field(
        64 * 1024 * 1024,
        ge=1,
        le=1 << 40,
        description="Memory for all request bodies of one process, in bytes, without the first 16 KiB of "
        "each; further ones get 503.",
    )
    max_compression_ratio: Int = Field(
        100,
        ge=1,
        le=1100,
        description="Maximum size of a decompressed body of more than 64 KiB, as a multiple of its "
        "compressed size.",
    )
    max_json_values: Int = Field(
        50_000,
        ge=1,
        le=10_000_000,
        description="Maximum number of JSON values in a request body, each list and object included.",
    )
    max_query_parameters: Int = Field(
        1000, ge=1, le=100_000, description="Maximum number of query parameters of a request."
    )
    max_response_bytes: Int = Field(
        16 * 1024 * 1024,
        ge=1,
        le=1 << 30,
        description="Maximum size of a response message, in bytes.",
    )
    max_header_bytes: Int = Field(
        32 * 1024,
        ge=1024,
        le=1 << 20,
        description="Maximum size of all headers of a request, in bytes.",
    )
    max_connections: Int = Field(
        4096,
        ge=1,
        le=1_000_000,
        description="Open connections per process; one more closes the connection that is idle longest.",
    )
    max_connections_per_network: Int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="Open connections per process from one IPv4 address or IPv6 /64, except trusted_proxies.",
    )
    max_concurrent_requests: Int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="Requests that one process handles at the same time, without streams; further ones get "
        "503.",
    )
    max_streams: Int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="Streams that one process keeps open at the same time; further ones get 503.",
    )
    max_streams_per_network: Int = Field(
        256,
        ge=1,
        le=1_000_000,
        description="Open streams per process for one IPv4 address or IPv6 /64; further ones get 429.",
    )
    max_streams_per_caller: Int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="Open streams per process with the same credentials; further ones get 429.",
    )
    default_deadline_seconds: Seconds = Field(
        30.0, gt=0, le=86_400, description="Deadline of a call whose client sets none, in seconds."
    )
    max_deadline_seconds: Seconds = Field(
        300.0, gt=0, le=86_400, description="Upper bound of the deadline of every call, in seconds."
    )
    max_stream_seconds: Seconds = Field(
        3600.0,
        gt=0,
        le=604_800,
        description="Maximum duration of a streaming response, in seconds.",
    )
    header_timeout_seconds: Seconds = Field(
        10.0,
        gt=0,
        le=3600,
        description="How long to wait for the headers of a request, in seconds.",
    )
    body_timeout_seconds: Seconds = Field(
        60.0, gt=0, le=86_400, description="How long to wait for the body of a request, in seconds."
    )
    write_timeout_seconds: Seconds = Field(
        60.0,
        gt=0,
        le=86_400,
        description="How long to wait for a client that does not read its response, in seconds.",
    )
    keep_alive_seconds: Seconds = Field(
        75.0, ge=1, le=86_400, description="How long an idle connection stays open, in seconds."
    )
    heartbeat_seconds: Seconds = Field(
        15.0,
        gt=0,
        le=3600,
        description="Seconds between the comments that keep a quiet event stream alive.",
    )

    gzip_min_bytes: Int = Field(
        1024, ge=0, le=1 << 30, description="Compress responses from this size on, in bytes."
    )
    cors_origins: Words = Field(
        (),
        description="Origins of web pages that may call the API, such as https://app.example.com; * "
        "for all.",
        json_schema_extra=COMMON,
    )
    cors_credentials: bool = Field(
        False,
        description="Let pages of the origins in cors_origins, which must be named, send cookies. howmuch's "
        "own session cookie never counts for them.",
    )
    cors_expose_headers: Words = Field(
        (),
        description="Response headers that pages of these origins may read, besides ETag, Location, "
        "Retry-After, WWW-Authenticate and X-Request-Id.",
    )
    trusted_proxies: Networks = Field(
        (),
        description="Networks of proxies whose X-Forwarded-For header is trusted, such as 10.0.0.0/8.",
        json_schema_extra=COMMON,
    )
    docs: bool = Field(
        True,
        description="Serve the page for developers, /docs, /openapi.json and /openapi.yaml.",
    )
    web: bool = Field(
        True,
        description="Serve the web app of howmuch at /, if it was built. Links in mails lead to its screens. "
        "Otherwise / is the page for developers.",
    )
    site: Path | None = Field(
        None,
        description="Directory of a web app to serve at / in the place of howmuch's own, such as the one "
        "that Vite builds. Default: none.",
    )
    public_option: str = Field(
        "",
        pattern=r"^$|^[\w.]+=\w+$",
        description="Method option that marks calls without authentication, for the OpenAPI document and "
        "require_authorization, such as example.v1.access=PUBLIC.",
    )
    idempotency_keys: Words = Field(
        (),
        description="Writes that take an Idempotency-Key header, by the full names of packages, services or "
        "methods, for the OpenAPI document. All of howmuch's own do.",
    )
    preconditions: Words = Field(
        (),
        description="Writes that check the etag in an If-Match header and fail with ABORTED, by the full "
        "names of packages, services or methods. All of howmuch's own with an etag do.",
    )
    require_authorization: bool = Field(
        False,
        description="Answer 401 to calls without an Authorization header before their body is read, unless "
        "public_option marks them. howmuch's own calls always need it.",
    )

    @model_validator(mode="after")
    def _deadlines_in_order(self) -> Self:
        check_deadlines(self.default_deadline_seconds, self.max_deadline_seconds)
        return self

    @model_validator(mode="after")
    def _credentials_have_origins(self) -> Self:
        if self.cors_credentials and "*" in self.cors_origins:
            raise ValueError(
                "expected cors_origins that name each origin, not *, with cors_credentials"
            )
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        check_server_tls("http.tls", self.tls)
        check_upstream_tls("http.upstream_tls", self.upstream_tls)
        return self
