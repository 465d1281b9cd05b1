"""The settings of the gRPC server."""

from typing import Self

from pydantic import Field, model_validator

from howmuch.config.kinds import (
    COMMON,
    Group,
    Int,
    ListenAddress,
    Networks,
    PublicAddress,
    Seconds,
    check_deadlines,
)
from howmuch.config.tls import ServerTlsSettings, check_server_tls


class GrpcSettings(Group):
    """The gRPC server."""

    listen: ListenAddress = Field(
        "127.0.0.1:50051",
        description="Address of the gRPC server, HOST:PORT; port 0 picks a free port.",
        json_schema_extra=COMMON,
    )
    public_address: PublicAddress = Field(
        "",
        description="Address at which users reach gRPC, HOST:PORT; the command that joins an event "
        "names it, in mails and on pages. Default: grpc.listen.",
    )
    threads: Int = Field(
        16, ge=1, le=1000, description="Calls that one process handles at the same time."
    )
    max_concurrent_rpcs: Int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="Calls that one process accepts, queued ones included; further calls are refused.",
    )
    request_wait_seconds: Seconds = Field(
        5.0,
        gt=0,
        le=300,
        description="How long a call waits for its request to arrive before it is ended, in seconds.",
    )
    waiting_calls: Int = Field(
        512,
        ge=16,
        le=10_000,
        description="Bound the calls that wait for their request to arrive; each holds a thread. "
        "One more ends the longest wait of the network with most of them.",
    )
    waiting_calls_per_network: Int = Field(
        64,
        ge=1,
        le=10_000,
        description="Bound the calls of one client network (IPv4 address, IPv6 /64) that wait for "
        "their request for more than a second.",
    )
    waiting_calls_per_connection: Int = Field(
        32,
        ge=1,
        le=10_000,
        description="Bound the calls of one connection that wait for their request for more than "
        "a second.",
    )
    streams: Int = Field(
        4096, ge=1, le=1_000_000, description="Bound the streams that are open in one process."
    )
    streams_per_user: Int = Field(
        40, ge=1, le=1_000_000, description="Bound the open streams of one account per process."
    )
    streams_per_network: Int = Field(
        512,
        ge=1,
        le=1_000_000,
        description="Bound the open streams of one client network (IPv4 address, IPv6 /64) per "
        "process.",
    )
    max_request_bytes: Int = Field(
        4 * 1024 * 1024, ge=1024, le=1 << 30, description="Maximum size of a request, in bytes."
    )
    default_deadline_seconds: Seconds = Field(
        30.0, gt=0, le=86_400, description="Deadline of a call whose client sets none, in seconds."
    )
    max_deadline_seconds: Seconds = Field(
        300.0, gt=0, le=86_400, description="Upper bound of the deadline of every call, in seconds."
    )
    idempotency_days: Int = Field(
        7,
        ge=1,
        le=30,
        description="Keep the response to an idempotency key for this many days, in which a repeated "
        "request gets it again.",
    )
    lame_duck_seconds: Seconds = Field(
        1.0,
        ge=0,
        le=300,
        description="How long a shutdown keeps accepting calls after health turns NOT_SERVING, if the "
        "health service is used. Longer than a load balancer needs to notice, at most "
        "half of shutdown_timeout_seconds.",
    )
    reflection: bool = Field(
        True, description="Serve gRPC reflection, for clients such as grpcurl."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Networks of gateways whose x-forwarded-for header is trusted, such as "
        "10.0.0.0/8. The gateway of `howmuch run` is always trusted.",
    )
    tls: ServerTlsSettings = ServerTlsSettings()

    @model_validator(mode="after")
    def _deadlines_in_order(self) -> Self:
        check_deadlines(self.default_deadline_seconds, self.max_deadline_seconds)
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        check_server_tls("grpc.tls", self.tls)
        return self
