"""What people call things: an event, member or expense by its name, where only one is called so."""

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
    """The thing with this id; else the only one of this name; else the only one whose name differs in case.

    what: `member`, for errors. see: command that lists them all. Raises ClientError: there is none, or there
    are several, which it lists.
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
    """The sentence for several things that could be meant. found: name and id of each."""
    listed = ", ".join(f"{name} ({identifier})" for name, identifier in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{wanted!r} may be {len(found)} {what}s: {listed}{more}; say which by its id."
