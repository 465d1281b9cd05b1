"""Shared by all client commands: --server, --json, --event, a session, and errors on one line."""

import functools
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from howmuch.cli.client.complete import complete_event
from howmuch.cli.server_address import check_server

if TYPE_CHECKING:
    from howmuch.client.events import Event, Roster
    from howmuch.client.session import Session
    from howmuch.client.views.output import Output

Command = Callable[..., Any]

SERVER = click.option(
    "--server",
    envvar="HOWMUCH_SERVER",
    show_envvar=True,
    metavar="HOST:PORT",
    callback=check_server,
    help="Server to call. Default: the one you used last.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
EVENT = click.option(
    "--event",
    "wanted_event",
    envvar="HOWMUCH_EVENT",
    show_envvar=True,
    metavar="NAME",
    shell_complete=complete_event,
    help="Event, by name or id. Default: the one chosen with `howmuch event use`.",
)


_NEGATIVE = re.compile(r"[-−][€£$¥]?[0-9][0-9.,]*.{0,4}")


class AmountCommand(click.Command):
    """A command with the argument AMOUNT. A negative amount is not an option, and gets an error."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raise UsageError for a negative number, except as the value of an option."""
        with_value = {
            name
            for parameter in self.get_params(ctx)
            if isinstance(parameter, click.Option) and not parameter.is_flag
            for name in parameter.opts
        }
        for before, word in zip(["", *args], args, strict=False):
            if before == "--" or word == "--":
                break
            if _NEGATIVE.fullmatch(word) and before not in with_value:
                with client_errors():
                    from howmuch.client.amounts import negative

                    raise negative("AMOUNT", word)
        return super().parse_args(ctx, args)


class Invocation:
    """A running command. session: of the user who is logged in."""

    def __init__(self, session: "Session", output: "Output", wanted_event: str | None) -> None:
        self.session = session
        self.output = output
        self._wanted_event = wanted_event

    @cached_property
    def event(self) -> "Event":
        """The event of the command. Raises ClientError."""
        from howmuch.client.events import find_event

        return find_event(self.session, self._wanted_event)

    @cached_property
    def roster(self) -> "Roster":
        """The members of the event."""
        from howmuch.client.events import Roster

        return Roster(self.session, self.event)

    def done(self, text: str) -> None:
        """Print a remark on standard error, unless the output is JSON."""
        if not self.output.json:
            say(text)


def say(text: str) -> None:
    """Print a remark on standard error."""
    from howmuch.client.views.output import clean

    click.echo(clean(text), err=True)


def named(given: Mapping[str, object], flags: str) -> dict[str, object]:
    """Return the fields that options set. Raises UsageError, which lists the options, if no option is set."""
    values = {field: value for field, value in given.items() if value is not None}
    if not values:
        raise click.UsageError(f"nothing to change; use {flags}")
    return values


def client_command(command: Command) -> Command:
    """Make a command that needs a session; its first argument is an Invocation."""

    @functools.wraps(command)
    def wrapped(
        server: str | None, as_json: bool, wanted_event: str | None = None, **flags: Any
    ) -> None:
        with client_errors():
            from howmuch.client.session import signed_in
            from howmuch.client.views.output import Output

            with signed_in(server) as session:
                command(Invocation(session, Output(json=as_json), wanted_event), **flags)

    return SERVER(JSON(wrapped))


def event_command(command: Command) -> Command:
    """Make a command about one event, with --event."""
    return EVENT(client_command(command))


@contextmanager
def client_errors() -> Iterator[None]:
    """Turn errors of the client into errors of one line."""
    # gRPC's core writes to standard error, but the error says the same.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    from howmuch.client.client_errors import ClientError, WrongUse

    try:
        yield
    except WrongUse as error:
        raise click.UsageError(str(error)) from None
    except ClientError as error:
        raise click.ClickException(str(error)) from None
