"""`howmuch config`."""

import json
from pathlib import Path

import click

from howmuch.cli.options import load_settings, server_options


@click.group()
def config() -> None:
    """Show the settings.

    \b
    The first of these that sets a value wins:
      flag          --grpc-listen, for grpc.listen
      environment   HOWMUCH_GRPC__LISTEN
      file          --config FILE, else howmuch.yaml
      etcd          /howmuch/grpc/listen
      default
    """  # noqa: D301 - click does not wrap the lines after it


@config.command()
@server_options
def show(config_file: Path | None, **flags: str | None) -> None:
    """Print each setting with its value and source; passwords are masked."""
    from howmuch.config import items, shown

    loaded = load_settings(config_file, **flags)
    rows = [(key, shown(value), loaded.sources[key]) for key, value in items(loaded.settings)]
    widths = [max(len(row[column]) for row in rows) for column in range(2)]
    for key, value, source in rows:
        click.echo(f"{key:<{widths[0]}}  {value:<{widths[1]}}  {source}")


@config.command()
def schema() -> None:
    """Print the JSON Schema of the settings file, for editors."""
    from howmuch.config.documents import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@config.command()
def example() -> None:
    """Print an example file: the common settings, then the advanced ones."""
    from howmuch.config.documents import example_file

    click.echo(example_file(), nl=False)
