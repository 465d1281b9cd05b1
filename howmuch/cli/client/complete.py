"""What a shell offers for names: events, members and expenses of the server, where it answers soon."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from howmuch.client.suggestions import What


def _offer(what: "What", context: click.Context, incomplete: str) -> list[str]:
    from howmuch.client.suggestions import suggest

    parameters = context.params
    return suggest(what, incomplete, parameters.get("server"), parameters.get("wanted_event"))


def complete_event(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Names of the user's events."""
    return _offer("event", context, incomplete)


def complete_member(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Names of members; after a comma, of one more."""
    return _offer("member", context, incomplete)


def complete_expense(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """What the newest expenses were for."""
    return _offer("expense", context, incomplete)
