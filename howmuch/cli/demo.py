"""`howmuch demo`."""

import json
import os
from typing import Any

import click

from howmuch.cli.options import DEFAULT_SERVER, client_tls, tls_options
from howmuch.cli.server_address import check_server


@click.command()
@click.option(
    "--server",
    default=DEFAULT_SERVER,
    show_default=True,
    metavar="HOST:PORT",
    callback=check_server,
    help="Server to call.",
)
@tls_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def demo(server: str, as_json: bool, **tls: Any) -> None:
    """Settle the trip of six friends on a running server.

    Signs up two users and creates an event with forty expenses in two currencies. Prints its
    balances, the payments that settle it, the debts, and the cost by category.
    Each run creates a new event.
    """
    # gRPC's core writes to standard error, but the error says the same.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from rich.console import Console

    from howmuch.client.calls import connect
    from howmuch.client.client_errors import CallError
    from howmuch.client.demo import play
    from howmuch.client.tables import print_tables, to_json

    try:
        with connect(server, client_tls(**tls)) as services:
            played = play(services)
    except CallError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(to_json(played), indent=2, ensure_ascii=False))
    else:
        print_tables(played, Console())
