"""What can be set: every setting with its type, unit, bounds, default and meaning."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from howmuch.config.http import HttpSettings
from howmuch.config.kinds import (
    DatabaseUrl,
    Endpoints,
    Group,
    Int,
    ListenAddress,
    Networks,
    Rate,
    Seconds,
    check_deadlines,
    lower,
)
from howmuch.config.mail import BrokerSettings, MailSettings
from howmuch.config.redis import RedisSettings
from howmuch.config.telemetry import MetricsSettings, TracingSettings
from howmuch.config.tls import ServerTlsSettings, check_server_tls

ENVIRONMENT_PREFIX = "HOWMUCH_"


class DatabaseSettings(Group):
    """Where the data is, and how many connections one process may hold."""

    url: DatabaseUrl = Field(
        SecretStr(""),
        description="Database: sqlite:////absolute/path or postgresql://user:password@host/name. "
        "Default: the file howmuch.db in data_dir.",
    )
    pool_size: Int = Field(16, ge=1, le=1000, description="Connections that one process holds.")
    pool_timeout_seconds: Seconds = Field(
        5.0, gt=0, le=300, description="Seconds a call waits for a free connection, then it fails."
    )
    prepared_statements: bool = Field(
        True,
        description="Whether connections to PostgreSQL keep prepared statements; false behind a"
        " PgBouncer in transaction mode.",
    )


class GrpcSettings(Group):
    """The gRPC server."""

    listen: ListenAddress = Field(
        "127.0.0.1:50051", description="Address to listen on, HOST:PORT; port 0 takes a free one."
    )
    threads: Int = Field(
        16, ge=1, le=1000, description="Calls that one process works on at the same time."
    )
    max_concurrent_rpcs: Int = Field(
        1024,
        ge=1,
        le=1_000_000,
        description="Calls that one process accepts, waiting ones included; more are refused.",
    )
    max_request_bytes: Int = Field(
        4 * 1024 * 1024, ge=1024, le=1 << 30, description="Bytes of the largest request."
    )
    default_deadline_seconds: Seconds = Field(
        30.0,
        gt=0,
        le=86_400,
        description="Seconds that a call may take when its caller names none.",
    )
    max_deadline_seconds: Seconds = Field(
        300.0,
        gt=0,
        le=86_400,
        description="Seconds that a call may take whatever its caller names.",
    )
    lame_duck_seconds: Seconds = Field(
        1.0,
        ge=0,
        le=300,
        description="Seconds that a stop goes on accepting calls where somebody asks for its health;"
        " longer than a balancer takes to notice, at most half of shutdown_timeout_seconds.",
    )
    reflection: bool = Field(
        True, description="Whether clients such as grpcurl may ask for the services."
    )
    trusted_proxies: Networks = Field(
        (),
        description="Networks of gateways whose x-forwarded-for names the caller, such as"
        " 10.0.0.0/8; the gateway of `howmuch run` is trusted anyhow.",
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


class AuthSettings(Group):
    """Accounts and sessions."""

    password_hash_threads: Int = Field(
        1,
        ge=1,
        le=64,
        description="Passwords that one process hashes at the same time; each takes a core.",
    )
    session_ttl_days: Int = Field(
        90, ge=1, le=3650, description="Days after which a session ends by itself."
    )


class RateLimitSettings(Group):
    """How often the methods that need no session may be called: with Redis over all processes, else in each.

    by_peer: from one network address. by_account: for one e-mail address, from anywhere.
    """

    sign_up_by_peer: Rate = Field("60 per hour", description="Sign-ups from one network address.")
    log_in_by_peer: Rate = Field("100 per minute", description="Log-ins from one network address.")
    log_in_by_account: Rate = Field("10 per minute", description="Log-ins to one account.")
    reset_by_peer: Rate = Field(
        "30 per hour", description="Password resets asked for from one network address."
    )
    reset_by_account: Rate = Field(
        "5 per hour", description="Password resets asked for one account."
    )
    link_by_peer: Rate = Field(
        "60 per minute", description="Uses of mailed links from one network address."
    )


class LogSettings(Group):
    """The log, which goes to standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = Field(
        "info", description="Least level that is written: debug, info, warning or error."
    )
    format: Annotated[Literal["console", "json"], BeforeValidator(lower)] = Field(
        "console", description="console for people, json for one JSON object per line."
    )


class EtcdSettings(Group):
    """Where more settings may come from. These ones come from the other layers alone."""

    endpoints: Endpoints = Field(
        (),
        description="Addresses of etcd, tried in turn, such as http://10.0.0.1:2379,http://10.0.0.2:2379."
        " Empty: none is asked.",
    )
    prefix: str = Field(
        "/howmuch/",
        pattern=r"^/(.*/)?$",
        description="What the names of settings begin with there: log.level is /howmuch/log/level.",
    )
    user: str = Field("", description="Account there. Empty: none is needed.")
    password: SecretStr = Field(SecretStr(""), description="Its password.")
    ca: Path | None = Field(
        None,
        description="PEM file: CAs, one of which must have signed etcd's certificate. Default: those of"
        " the web.",
    )
    certificate: Path | None = Field(
        None, description="PEM file: the certificate to show to etcd. Default: none."
    )
    key: Path | None = Field(None, description="PEM file: its key, without a passphrase.")
    timeout_seconds: Seconds = Field(
        5.0, gt=0, le=300, description="Seconds that each address may take to answer."
    )

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("expected both of etcd.certificate and etcd.key, or neither")
        return self


def _default_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return Path(base, "howmuch") if base else Path("~/.local/share/howmuch").expanduser()


class Settings(BaseSettings):
    """Everything that can be set. Made by `howmuch.config.load`, which reads the layers."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Directory of the embedded database; made where it is not there. "
        "Default: $XDG_DATA_HOME/howmuch, else ~/.local/share/howmuch.",
    )
    workers: Int = Field(
        1, ge=1, le=256, description="Processes that share the port; about one per core."
    )
    shutdown_timeout_seconds: Seconds = Field(
        20.0, gt=0, le=3600, description="Seconds that calls in flight get to finish at a stop."
    )
    database: DatabaseSettings = DatabaseSettings()
    grpc: GrpcSettings = GrpcSettings()
    http: HttpSettings = HttpSettings()
    auth: AuthSettings = AuthSettings()
    rate_limits: RateLimitSettings = RateLimitSettings()
    broker: BrokerSettings = BrokerSettings()
    redis: RedisSettings = RedisSettings()
    mail: MailSettings = MailSettings()
    metrics: MetricsSettings = MetricsSettings()
    tracing: TracingSettings = TracingSettings()
    log: LogSettings = LogSettings()
    etcd: EtcdSettings = EtcdSettings()

    @model_validator(mode="after")
    def _workers_need_a_port(self) -> Self:
        for key, address in (("grpc.listen", self.grpc.listen), ("http.listen", self.http.listen)):
            if self.workers > 1 and address.endswith(":0"):
                raise ValueError(
                    f"expected {key} to name a port, not 0, for {self.workers} workers to share"
                )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the arguments: `load` reads the layers itself, to know which one said what."""
        return (init_settings,)
