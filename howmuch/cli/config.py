"""`howmuch config`."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from howmuch.cli.options import (
    layers_of_flags,
    load_settings,
    server_options,
    setting_errors,
)


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
    for problem in loaded.ignored:
        click.echo(f"not used: {problem}", err=True)


@config.command()
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...")
@server_options
def put(values: Sequence[str], config_file: Path | None, **flags: str | None) -> None:
    """Set settings in etcd, such as log.level=debug, all or none.

    A wrong name or value is refused.
    """
    from howmuch.config.layers import put_into_etcd

    given = {}
    for one in values:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"{one!r} is not KEY=VALUE, such as log.level=debug")
        given[key] = value
    with setting_errors():
        for name in put_into_etcd(*layers_of_flags(config_file, flags), given):
            click.echo(f"Set {name}.")


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
