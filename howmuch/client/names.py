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
    aliases: Callable[[Thing], Iterable[str]] = lambda thing: (),
    parts: bool = True,
) -> Thing:
    """Return the thing that `matches` finds.

    what: `member`, for errors. see: command that lists all things. Raises ClientError if none or several
    match.
    """
    everything = list(things)
    found = matches(wanted, everything, names=names, ids=ids, aliases=aliases, parts=parts)
    if len(found) > 1:
        raise ClientError(ambiguous(what, wanted, [(names(t), ids(t)) for t in found]))
    if not found:
        listed = ", ".join(map(names, everything)) if len(everything) <= _SHOWN else ""
        known = f" The names are {listed}." if listed else ""
        raise ClientError(f"There is no {what} {wanted!r}: see `{see}`.{known}")
    return found[0]


def matches(
    wanted: str,
    things: Iterable[Thing],
    *,
    names: Callable[[Thing], str],
    ids: Callable[[Thing], str],
    aliases: Callable[[Thing], Iterable[str]] = lambda thing: (),
    parts: bool = True,
) -> list[Thing]:
    """The things that fit best: by id, name, name without capitals and accents, alias, or a part.

    parts: whether a part of a name is enough.
    """
    everything, folded = list(things), fold(wanted)
    if not folded.strip():
        return []
    fits: tuple[Callable[[Thing], bool], ...] = (
        lambda thing: ids(thing) == wanted,
        lambda thing: normal(names(thing)) == normal(wanted),
        lambda thing: same_case(names(thing)) == same_case(wanted),
        lambda thing: fold(names(thing)) == folded,
        lambda thing: folded in map(fold, aliases(thing)),
        lambda thing: (
            parts and any(folded in fold(name) for name in (names(thing), *aliases(thing)))
        ),
    )
    found = ([thing for thing in everything if fit(thing)] for fit in fits)
    return next(filter(None, found), [])


def ambiguous(what: str, wanted: str, found: list[tuple[str, str]]) -> str:
    """Return the error for several matches. found: name and id of each."""
    listed = ", ".join(f"{name} ({identifier})" for name, identifier in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (
        f"{wanted!r} matches {len(found)} {what}s: {listed}{more}; use an id or more of the name."
    )
