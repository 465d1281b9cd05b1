"""The settings, each with type, unit, bounds, default and meaning."""

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from howmuch.config.grpc import GrpcSettings
from howmuch.config.http import HttpSettings
from howmuch.config.kinds import (
    COMMON,
    DatabaseUrl,
    Endpoints,
    Group,
    Int,
    Rate,
    Seconds,
    lower,
)
from howmuch.config.mail import BrokerSettings, MailSettings
from howmuch.config.quotas import QuotaSettings
from howmuch.config.redis import RedisSettings
from howmuch.config.speed import SpeedSettings
from howmuch.config.telemetry import MetricsSettings, TracingSettings

ENVIRONMENT_PREFIX = "HOWMUCH_"


class DatabaseSettings(Group):
    """The database and the connections to it."""

    url: DatabaseUrl = Field(
        SecretStr(""),
        description="Database: sqlite:////absolute/path or postgresql://user:password@host/name. "
        "Default: the file howmuch.db in data_dir.",
        json_schema_extra=COMMON,
    )
    pool_size: Int = Field(16, ge=1, le=1000, description="Database connections per process.")
    pool_timeout_seconds: Seconds = Field(
        5.0,
        gt=0,
        le=300,
        description="How long a call waits for a free connection before it fails, in seconds.",
    )
    lock_timeout_seconds: Seconds = Field(
        5.0,
        gt=0,
        le=300,
        description="Refuse a write that waits longer than this for a lock of another write, in seconds.",
    )
    prepared_statements: bool = Field(
        True,
        description="Keep prepared statements on connections to PostgreSQL; set to false behind "
        "PgBouncer in transaction mode.",
    )


class AuthSettings(Group):
    """Accounts and sessions."""

    password_hash_threads: Int = Field(
        1,
        ge=1,
        le=64,
        description="Passwords of log-ins that one process hashes at the same time; each needs a core. "
        "Other passwords have one more thread.",
    )
    session_ttl_days: Int = Field(
        90, ge=1, le=3650, description="End a session this many days after its log-in."
    )
    session_idle_days: Int = Field(
        30, ge=1, le=3650, description="End a session after this many days without a call."
    )
    deletion_grace_days: Int = Field(
        7,
        ge=0,
        le=90,
        description="Keep an account for this many days after its user has deleted it; a log-in takes "
        "the deletion back. 0 deletes it at once.",
    )


class RateLimitSettings(Group):
    """Limits of tries, across all processes with Redis, else per process.

    A network is an IPv4 address or an IPv6 /64; a /48 may try 8 times as often.
    """

    sign_up_by_peer: Rate = Field("60 per hour", description="Limit the sign-ups from one network.")
    log_in_by_peer: Rate = Field(
        "100 per minute", description="Limit the log-ins from one network."
    )
    log_in_by_account: Rate = Field(
        "10 per minute",
        description="Limit the failed log-ins to one account from one network, and the password "
        "changes of one session.",
    )
    slow_log_in_of_account: Rate = Field(
        "100 per hour",
        description="Slow down log-ins to an account after this many failures from everywhere: each "
        "network then has one try a minute.",
    )
    reset_by_peer: Rate = Field(
        "30 per hour",
        description="Limit the requests for mails that reset a password, or verify or change an "
        "address, from one network.",
    )
    reset_by_account: Rate = Field(
        "5 per hour",
        description="Limit the password reset requests for one account from one network.",
    )
    link_by_peer: Rate = Field(
        "60 per minute", description="Limit the uses of mailed links from one network."
    )


class LogSettings(Group):
    """The log on standard error."""

    level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(lower)] = Field(
        "info",
        description="Lowest level to log: debug, info, warning or error.",
        json_schema_extra=COMMON,
    )
    format: Annotated[Literal["console", "json"], BeforeValidator(lower)] = Field(
        "console",
        description="Log format: console for people, json for one JSON object per line.",
        json_schema_extra=COMMON,
    )


class EtcdSettings(Group):
    """etcd as a source of settings. The settings of this group cannot come from etcd."""

    endpoints: Endpoints = Field(
        (),
        description="Addresses of etcd, tried in order, such as "
        "http://10.0.0.1:2379,http://10.0.0.2:2379. Empty means that etcd is not used.",
    )
    prefix: str = Field(
        "/howmuch/",
        pattern=r"^/(.*/)?$",
        description="Prefix of the names in etcd: log.level is /howmuch/log/level.",
    )
    user: str = Field("", description="User name for etcd. Empty means no authentication.")
    password: SecretStr = Field(SecretStr(""), description="Password for etcd.")
    ca: Path | None = Field(
        None,
        description="PEM file with the CAs that sign etcd's certificate. Default: the public CAs.",
    )
    certificate: Path | None = Field(
        None, description="PEM file with the client certificate for etcd. Default: none."
    )
    key: Path | None = Field(
        None, description="PEM file with the key of the client certificate, without a passphrase."
    )
    timeout_seconds: Seconds = Field(
        5.0, gt=0, le=300, description="How long to wait for each address of etcd, in seconds."
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
    """All settings. `howmuch.config.load` makes them from the layers."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=ENVIRONMENT_PREFIX)

    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Directory of the SQLite file and of mails; created if missing. Default: "
        "$XDG_DATA_HOME/howmuch, else ~/.local/share/howmuch.",
        json_schema_extra=COMMON,
    )
    workers: Int = Field(
        1,
        ge=1,
        le=256,
        description="Processes that serve on the same port; about one per core.",
        json_schema_extra=COMMON,
    )
    shutdown_timeout_seconds: Seconds = Field(
        20.0, gt=0, le=3600, description="How long a shutdown waits for running calls, in seconds."
    )
    database: DatabaseSettings = DatabaseSettings()
    grpc: GrpcSettings = GrpcSettings()
    http: HttpSettings = HttpSettings()
    auth: AuthSettings = AuthSettings()
    rate_limits: RateLimitSettings = RateLimitSettings()
    quotas: QuotaSettings = QuotaSettings()
    broker: BrokerSettings = BrokerSettings()
    redis: RedisSettings = RedisSettings()
    mail: MailSettings = MailSettings()
    speed: SpeedSettings = SpeedSettings()
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
        """Take arguments only: `load` reads the layers itself and remembers the source of each value."""
        return (init_settings,)
