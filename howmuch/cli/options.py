"""Shared by several commands: flags for settings, and errors on one line."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from howmuch.config import Loaded, Settings
    from howmuch.runtime.certificates import TlsFiles

Command = Callable[..., Any]

DEFAULT_SERVER = "127.0.0.1:50051"
"""The server that clients call by default; the default of `grpc.listen`."""


_CONFIG = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File of settings: YAML, JSON or TOML. Default: howmuch.yaml in this directory, if any.",
)
_ETCD_ENDPOINTS = click.option(
    "--etcd-endpoints",
    metavar="A,B,...",
    help="Addresses of etcd with more settings: http://127.0.0.1:2379. Default: none.",
)
_DATA_DIR = click.option(
    "--data-dir",
    metavar="DIR",
    help="Directory of the SQLite file and of mails; created if missing.",
)
_DATABASE_URL = click.option(
    "--database-url",
    metavar="URL",
    help="Database: postgresql://user:password@host/name or sqlite:////absolute/path. "
    "Default: a file in the data directory.",
)
_HTTP_LISTEN = click.option(
    "--http-listen", metavar="HOST:PORT", help="Address of REST; port 0 picks a free port."
)
_BROKER_URL = click.option(
    "--broker-url", metavar="URL", help="RabbitMQ: amqp://user:password@host/vhost. Default: none."
)
_REDIS_URL = click.option(
    "--redis-url", metavar="URL", help="Redis: redis://user:password@host:6379/0. Default: none."
)
_METRICS_LISTEN = click.option(
    "--metrics-listen", metavar="HOST:PORT", help="Address of the metrics. Default: none."
)
_WORKERS = click.option(
    "--workers", metavar="N", help="Processes that serve on the same ports. Default: 1."
)
_SERVER = (
    click.option(
        "--grpc-listen", metavar="HOST:PORT", help="Address of gRPC; port 0 picks a free port."
    ),
    _WORKERS,
)
_PROGRAM = (
    click.option(
        "--shutdown-timeout-seconds",
        metavar="SECONDS",
        help="How long a shutdown waits for running calls. Default: 20.",
    ),
    click.option(
        "--log-level",
        metavar="LEVEL",
        help="Lowest level to log: debug, info, warning or error. Default: info.",
    ),
    click.option(
        "--log-format", metavar="FORMAT", help="Log format: console or json. Default: console."
    ),
)

# From the name that click gives a flag to its setting.
_KEYS = {
    "data_dir": "data_dir",
    "database_url": "database.url",
    "grpc_listen": "grpc.listen",
    "http_listen": "http.listen",
    "broker_url": "broker.url",
    "redis_url": "redis.url",
    "metrics_listen": "metrics.listen",
    "workers": "workers",
    "shutdown_timeout_seconds": "shutdown_timeout_seconds",
    "log_level": "log.level",
    "log_format": "log.format",
    "etcd_endpoints": "etcd.endpoints",
}


def database_options(command: Command) -> Command:
    """Flags of a command that uses the database; `load_settings` takes them."""
    for option in (_DATABASE_URL, _DATA_DIR, _ETCD_ENDPOINTS, _CONFIG):
        command = option(command)
    return command


def server_options(command: Command) -> Command:
    """Flags of a command that serves gRPC; `load_settings` takes them."""
    for option in reversed((*_SERVER, _REDIS_URL, _METRICS_LISTEN, *_PROGRAM)):
        command = option(command)
    return database_options(command)


def everything_options(command: Command) -> Command:
    """Flags of a command that serves gRPC and REST; `load_settings` takes them."""
    for option in (_BROKER_URL, _HTTP_LISTEN):
        command = option(command)
    return server_options(command)


def broker_options(command: Command) -> Command:
    """Flags of a command that uses the broker; `load_settings` takes them."""
    return database_options(_BROKER_URL(command))


def worker_options(command: Command) -> Command:
    """Flags of the mail worker; `load_settings` takes them."""
    for option in reversed((_BROKER_URL, _METRICS_LISTEN, *_PROGRAM)):
        command = option(command)
    return database_options(command)


_METAVARS = {"listen": "HOST:PORT", "upstream": "HOST:PORT", "site": "DIR"}
"""Of settings of the gateway whose kind does not say it."""


class GatewayCommand(click.Command):
    """A command with a flag for each setting of the gateway, and the flags of every program.

    The flags are made from the settings when the command is used. `load_settings` takes them.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the flags of the command, then those of the settings."""
        from howmuch.config.keys import fields

        flags: list[click.Parameter] = [
            _flag(key.removeprefix("http."), field)
            for key, field in fields().items()
            if key.startswith("http.")
        ]

        def bare() -> None:
            """Collect the flags that decorators add."""

        for option in (_CONFIG, _ETCD_ENDPOINTS, *reversed((_METRICS_LISTEN, *_PROGRAM))):
            option(bare)
        shared: list[click.Parameter] = list(reversed(getattr(bare, "__click_params__", [])))
        own = super().get_params(ctx)
        return [*own[:-1], *flags, *shared, own[-1]]


def _flag(name: str, field: "FieldInfo") -> click.Option:
    """Make the flag of a setting of the gateway: `tls.key` is --tls-key, and http_tls__key in click."""
    from howmuch.config import shown

    default = "" if field.default in (None, (), "") else f" Default: {shown(field.default)}."
    kinds: dict[object, str] = {
        bool: "true|false",
        int: "N",
        float: "SECONDS",
        tuple[str, ...]: "A,B,...",
        Path | None: "FILE",
    }
    metavar = kinds.get(field.annotation, "VALUE")
    return click.Option(
        ["--" + re.sub("[._]", "-", name), f"http_{name.replace('.', '__')}"],
        metavar=_METAVARS.get(name, metavar),
        help=f"{field.description}{default}",
    )


_CLIENT_TLS = (
    click.option("--tls", is_flag=True, help="Use TLS; implied by the next three options."),
    click.option(
        "--ca",
        metavar="FILE",
        help="PEM file with the CAs of the server. Default: the CAs that gRPC trusts.",
    ),
    click.option("--certificate", metavar="FILE", help="PEM file with your client certificate."),
    click.option("--key", metavar="FILE", help="PEM file with the key of the certificate."),
)


def tls_options(command: Command) -> Command:
    """Flags of a command that calls a server; `client_tls` takes them."""
    for option in reversed(_CLIENT_TLS):
        command = option(command)
    return command


def client_tls(
    *, tls: bool, ca: str | None, certificate: str | None, key: str | None
) -> "TlsFiles | None":
    """Return the files for TLS. None means no TLS."""
    from howmuch.runtime.certificates import TlsFiles

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key belong together: use both or neither.")
    if not (tls or ca or certificate):
        return None
    return TlsFiles(*(Path(path) if path else None for path in (certificate, key, ca)))


class SettingsError(click.ClickException):
    """An invalid setting."""

    exit_code = 2


def load_settings(config_file: Path | None, **flags: str | None) -> "Loaded":
    """Load the settings, with the flags of one of the functions above on top."""
    from howmuch.config import load

    with setting_errors():
        return load(*layers_of_flags(config_file, flags))


def layers_of_flags(
    config_file: Path | None, flags: Mapping[str, str | None]
) -> tuple[dict[str, str | None], Path | None, dict[str, str]]:
    """The arguments of `howmuch.config.load`: the flags by setting, the file, and the names of the flags."""
    context = click.get_current_context()
    names = {
        _key(parameter.name or ""): parameter.opts[0]
        for parameter in context.command.get_params(context)
    }
    return {_key(name): value for name, value in flags.items()}, config_file, names


@contextmanager
def setting_errors() -> Iterator[None]:
    """Turn errors of settings into errors of the command."""
    from howmuch.config import ConfigError

    try:
        yield
    except ConfigError as error:
        raise SettingsError(str(error)) from None


def _key(name: str) -> str:
    """Return the setting of a flag, from the name that click gives it."""
    return _KEYS.get(name) or name.replace("http_", "http.", 1).replace("__", ".")


def database_url(settings: "Settings") -> str:
    """The URL of the database, password included."""
    return settings.database.url.get_secret_value()


@contextmanager
def database_errors(settings: "Settings") -> Iterator[None]:
    """Turn errors of the database into errors of one line."""
    from sqlalchemy.exc import SQLAlchemyError

    from howmuch.app import no_answer
    from howmuch.errors import HowmuchError, Unavailable

    try:
        yield
    except Unavailable as error:
        raise click.ClickException(no_answer(database_url(settings), error)) from None
    except HowmuchError as error:
        raise click.ClickException(error.message) from None
    except SQLAlchemyError as error:
        raise click.ClickException(str(getattr(error, "orig", None) or error)) from None
