"""`howmuch run`, `howmuch serve` and `howmuch gateway`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from howmuch.cli.options import (
    DEFAULT_SERVER,
    GatewayCommand,
    everything_options,
    load_settings,
    server_options,
    worker_options,
)

if TYPE_CHECKING:
    from howmuch.app import Role, Running


@click.command()
@everything_options
def run(config_file: Path | None, **flags: str | None) -> None:
    """Run gRPC, REST and mail in one program, until Ctrl+C.

    Keeps the data in an SQLite file in the data directory, unless --database-url is given. Creates
    and migrates the tables of an SQLite file at start.
    """
    _run(config_file, flags, "all", upgrade_embedded=True)


@click.command()
@server_options
def serve(config_file: Path | None, **flags: str | None) -> None:
    """Serve gRPC, for deployments.

    Does not start while migrations are pending; run `howmuch db upgrade` first. SIGTERM lets
    running calls finish; a second SIGTERM stops at once.
    """
    _run(config_file, flags, "grpc", upgrade_embedded=False)


@click.command(cls=GatewayCommand)
def gateway(config_file: Path | None, **flags: str | None) -> None:
    """Serve REST in front of a gRPC service: howmuch, or any service with HTTP rules.

    \b
    In front of howmuch:
      howmuch gateway --upstream 127.0.0.1:50051
    In front of your own service:
      buf build --as-file-descriptor-set -o my.binpb
      howmuch gateway --descriptor-set my.binpb --upstream 127.0.0.1:9000

    SIGTERM lets running requests finish; a second SIGTERM stops at once.
    """  # noqa: D301 - click does not wrap the lines after it
    loaded = load_settings(config_file, **flags)
    from howmuch import app

    with _start_errors():
        app.run_gateway(loaded, on_ready=_welcome)


@click.command()
@worker_options
def worker(config_file: Path | None, **flags: str | None) -> None:
    """Send mails about changes that the servers have stored.

    Any number of workers share the work; `howmuch run` includes one. SIGTERM lets running mails
    finish; a second SIGTERM stops at once.
    """
    loaded = load_settings(config_file, **flags)
    from howmuch import app

    with _start_errors():
        app.run_mail_worker(loaded, on_ready=_welcome)


def _run(
    config_file: Path | None,
    flags: Mapping[str, str | None],
    role: "Role",
    *,
    upgrade_embedded: bool,
) -> None:
    loaded = load_settings(config_file, **flags)
    from howmuch import app

    with _start_errors():
        app.run(loaded, role, upgrade_embedded=upgrade_embedded, on_ready=_welcome)


@contextmanager
def _start_errors() -> Iterator[None]:
    """Turn errors at start into errors of one line."""
    from howmuch.runtime.lifecycle import StartError

    try:
        yield
    except StartError as error:
        raise click.ClickException(str(error)) from None


def _welcome(running: "Running") -> None:
    """Print the addresses and the first command to try."""
    from howmuch import __version__

    rows: list[tuple[str, str]] = [*running.addresses]
    lines = [f"howmuch {__version__}", ""]
    if running.database:
        rows.append(("Data", running.database))
    if running.mail:
        rows.append(("Mail", running.mail))
    lines += [f"  {name:<8}{value}" for name, value in rows]
    lines.append("")
    address = dict(running.addresses).get("gRPC")
    if running.database and address:
        server = "" if address == DEFAULT_SERVER else f" --server {address}"
        lines.append(f"  try:    howmuch demo{server}{' --tls' if running.tls else ''}")
    click.echo("\n".join([*lines, "  stop:   Ctrl+C", ""]))
