"""Look up an event, member or expense by name."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from howmuch.client.client_errors import ClientError

Thing = TypeVar("Thing")

_SHOWN = 6


def pick(
    what: str,
    wanted: str,
    things: Iterable[Thing],
    *,
    names: Callable[[Thing], str],
    ids: Callable[[Thing], str],
    see: str,
) -> Thing:
    """Return the thing with this id, else with this name, else with this name in any case.

    what: `member`, for errors. see: command that lists all things. Raises ClientError if none or several
    match.
    """
    everything = list(things)
    for found in (
        [thing for thing in everything if ids(thing) == wanted],
        [thing for thing in everything if names(thing) == wanted],
        [thing for thing in everything if names(thing).casefold() == wanted.casefold()],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise ClientError(ambiguous(what, wanted, [(names(t), ids(t)) for t in found]))
    raise ClientError(f"There is no {what} {wanted!r}: see `{see}`.")


def ambiguous(what: str, wanted: str, found: list[tuple[str, str]]) -> str:
    """Return the error for several matches. found: name and id of each."""
    listed = ", ".join(f"{name} ({identifier})" for name, identifier in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{wanted!r} matches {len(found)} {what}s: {listed}{more}; use an id."
