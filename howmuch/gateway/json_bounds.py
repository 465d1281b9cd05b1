"""Bounds on JSON before it is parsed: the number of values, and the depth.

A parser makes an object of each value, so a body of 4 MB can take 100 times its size. Both bounds are checked
by counting bytes, without making objects.
"""

from howmuch.gateway.json_text import MAX_DEPTH, too_deep
from howmuch.gateway.status import Refusal, invalid

_SPACE = b" \t\r\n"
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = b"[{"
_QUOTES_PER_VALUE = 4
"""A member of an object has two strings."""


def check_json(body: bytes, most_values: int, *, more: int = 0) -> None:
    """Raises Refusal for a body with more values, or more nesting, than is parsed. more: further values.

    A body that is not JSON may pass. It has no more values before the place where the parser stops.
    """
    # A rough count: it includes brackets and commas in strings, and a value in each empty list.
    opened = body.count(b"{") + body.count(b"[")
    if 1 + more + body.count(b",") + opened <= most_values and opened <= MAX_DEPTH:
        return
    # Escapes pair from the left, as in the parser.
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    if unescaped.count(b'"') > _QUOTES_PER_VALUE * most_values:
        raise _too_many_values(most_values)
    outside = b'""'.join(unescaped.split(b'"')[::2]).translate(None, _SPACE)
    opened = outside.count(b"{") + outside.count(b"[")
    empty = outside.count(b"[]") + outside.count(b"{}")
    if 1 + more + outside.count(b",") + opened - empty > most_values:
        raise _too_many_values(most_values)
    if opened > MAX_DEPTH:
        _check_depth(outside.translate(None, _NOT_BRACKETS))


def check_lines(body: bytes, most_values: int) -> None:
    """The same for JSON lines, whose values are counted together."""
    breaks = body.count(b"\n") + body.count(b"\r")
    if breaks > most_values:
        raise _too_many_values(most_values)
    check_json(body, most_values, more=breaks)


def _check_depth(brackets: bytes) -> None:
    """brackets: those of the body, in their order."""
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in _OPENING else -1
        if depth > MAX_DEPTH:
            raise too_deep()


def _too_many_values(most: int) -> Refusal:
    said = f"The body has more than {most} JSON values. Send them in several requests."
    return invalid("", "BODY_TOO_MANY_VALUES", said, http_status=413)
