"""`howmuch config`: what is set, and by whom."""

from pathlib import Path

import click

from howmuch.cli.options import load_settings, server_options


@click.group()
def config() -> None:
    """Look at the settings.

    Flags win over the environment (HOWMUCH_GRPC__LISTEN is grpc.listen), which wins over the file,
    which wins over the defaults.
    """


@config.command()
@server_options
def show(config_file: Path | None, **flags: str | None) -> None:
    """Print each setting, its value and its source; passwords are masked."""
    from howmuch.config import items, shown

    loaded = load_settings(config_file, **flags)
    rows = [(key, shown(value), loaded.sources[key]) for key, value in items(loaded.settings)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for key, value, source in rows:
        click.echo(f"{key:<{widths[0]}}  {value:<{widths[1]}}  {source}")
