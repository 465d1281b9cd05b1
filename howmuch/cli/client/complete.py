"""Shell completion of the names of events, members and expenses."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from howmuch.client.suggestions import What


def _offer(what: "What", context: click.Context, incomplete: str) -> list[str]:
    from howmuch.client.suggestions import suggest

    parameters = context.params
    return suggest(what, incomplete, parameters.get("server"), parameters.get("wanted_event"))


def complete_event(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of an event."""
    return _offer("event", context, incomplete)


def complete_member(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a member, also after a comma."""
    return _offer("member", context, incomplete)


def complete_expense(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the reason of one of the newest expenses."""
    return _offer("expense", context, incomplete)
