"""`howmuch run` and `howmuch serve`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from howmuch.cli.options import DEFAULT_SERVER, load_settings, server_options

if TYPE_CHECKING:
    from howmuch.app import Running


@click.command()
@server_options
def run(config_file: Path | None, **flags: str | None) -> None:
    """Run everything in one program, until Ctrl+C.

    The data is in an SQLite file in the data directory, unless --database-url says otherwise. The
    tables of an SQLite file are made, and brought up to date, at the start.
    """
    _run(config_file, flags, upgrade_embedded=True)


@click.command()
@server_options
def serve(config_file: Path | None, **flags: str | None) -> None:
    """Serve gRPC, for deployments.

    Changes no tables: refuses to start while migrations are pending, see `howmuch db upgrade`.
    SIGTERM lets calls in flight finish; a second one ends at once.
    """
    _run(config_file, flags, upgrade_embedded=False)


def _run(
    config_file: Path | None, flags: Mapping[str, str | None], *, upgrade_embedded: bool
) -> None:
    settings = load_settings(config_file, **flags).settings
    from howmuch import app
    from howmuch.lifecycle import StartError

    try:
        app.run(settings, upgrade_embedded=upgrade_embedded, on_ready=_welcome)
    except StartError as error:
        raise click.ClickException(str(error)) from None


def _welcome(running: "Running") -> None:
    """Say where everything is."""
    from howmuch import __version__

    addresses = dict(running.addresses)
    demo = "howmuch demo"
    if addresses["gRPC"] != DEFAULT_SERVER:
        demo += f" --server {addresses['gRPC']}"
    rows = [*running.addresses, ("Data", running.database)]
    lines = [f"howmuch {__version__}", "", *(f"  {name:<8}{value}" for name, value in rows)]
    lines += ["", f"  try:    {demo}", "  stop:   Ctrl+C", ""]
    click.echo("\n".join(lines))
