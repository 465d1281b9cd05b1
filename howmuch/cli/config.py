"""`howmuch config`: what is set, and by whom, and what can be set."""

import json
from pathlib import Path

import click

from howmuch.cli.options import load_settings, server_options


@click.group()
def config() -> None:
    """Look at the settings.

    Flags win over the environment (HOWMUCH_GRPC__LISTEN is grpc.listen), which wins over the file
    (--config, or howmuch.yaml in this directory), which wins over etcd (/howmuch/grpc/listen, where
    --etcd-endpoints says where it is), which wins over the defaults.
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


@config.command()
def schema() -> None:
    """Print the JSON Schema of the file, for editors and checks."""
    from howmuch.config.documents import json_schema

    click.echo(json.dumps(json_schema(), indent=2))


@config.command()
def example() -> None:
    """Print a file, in YAML, with every setting explained and at its default."""
    from howmuch.config.documents import example_file

    click.echo(example_file(), nl=False)
