"""The address of a server on the command line: HOST:PORT of gRPC."""

import click

from howmuch.cli.options import DEFAULT_SERVER

_PORT = DEFAULT_SERVER.rpartition(":")[2]


def check_server(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> str | None:
    """The callback of an option. Raises BadParameter for a URL, and for an address without a port."""
    if value is None or value.startswith("unix:"):
        return value
    _, is_url, rest = value.partition("://")
    host, _, port = rest.partition("/")[0].rpartition("@")[2].rpartition(":")
    if is_url:
        raise click.BadParameter(
            f"{value!r} is a URL, as REST has one. The command line calls gRPC: write HOST:PORT, such as"
            f" {host or port}:{_PORT}.",
            context,
            parameter,
        )
    host, _, port = value.rpartition(":")
    if host and port.isdecimal() and int(port) < 2**16:
        return value
    example = host or value or "example.com"
    raise click.BadParameter(
        f"{value!r} is not HOST:PORT, such as {example}:{_PORT}.", context, parameter
    )
