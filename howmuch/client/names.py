"""Look up an event, member or expense by name."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from howmuch.client.client_errors import ClientError
from howmuch.usecases.folding import fold

Thing = TypeVar("Thing")

_SHOWN = 6


def normal(name: str) -> str:
    """Return a name in the normal form NFC."""
    return unicodedata.normalize("NFC", name)


def same_case(name: str) -> str:
    """Return a name as it is compared in any case and normal form."""
    return normal(normal(name).casefold())


def pick(
    what: str,
    wanted: str,
    things: Iterable[Thing],
    *,
    names: Callable[[Thing], str],
    ids: Callable[[Thing], str],
    see: str,
) -> Thing:
    """Return the thing with this id, else with this name: in any normal form, any case, or without accents.

    what: `member`, for errors. see: command that lists all things. Raises ClientError if none or several
    match.
    """
    everything = list(things)
    composed = normal(wanted)
    named = [(thing, normal(names(thing))) for thing in everything]
    for found in (
        [thing for thing in everything if ids(thing) == wanted],
        [thing for thing, name in named if name == composed],
        [thing for thing, name in named if same_case(name) == same_case(wanted)],
        [thing for thing, name in named if fold(name) == fold(wanted)],
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
