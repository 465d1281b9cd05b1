"""JSON texts, read strictly: UTF-8, no key twice, nothing after the value, no NaN, bounded depth."""

import json
import math
from typing import Any

from howmuch.gateway.status import Refusal, invalid

MAX_DEPTH = 100
"""Objects and lists inside each other; the codec's bound as well."""

_SHOWN_LENGTH = 60


class _Twice(ValueError):
    """A key that an object has twice."""


class _NumberError(ValueError):
    """A number that JSON, or 64 bits, do not have."""


def parse_json(body: bytes) -> Any:
    """The value, or a Refusal that says where the text goes wrong. A byte order mark is passed over."""
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _not_json(f"{error.msg[0].lower()}{error.msg[1:]} at {place}") from None
    except _Twice as error:
        raise invalid("", "BODY_KEY_TWICE", f"The body has the key {error} twice.") from None
    except RecursionError:
        raise too_deep() from None
    except _NumberError as error:
        raise _not_json(str(error)) from None
    except ValueError:
        raise _not_json("a number has more than 4,300 digits") from None


def check_wire_depth(value: Any, depth: int) -> None:
    """Refuses a Value that would nest too deep on the wire, where an object is three messages.

    depth: of the messages around it.
    """
    waiting = [(value, depth)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise too_deep()
        if type(inner) is dict:
            waiting += [(each, depth + 3) for each in inner.values()]
        elif type(inner) is list:
            waiting += [(each, depth + 2) for each in inner]


def too_deep() -> Refusal:
    """A refusal of a body that nests too deep."""
    return invalid("", "BODY_TOO_DEEP", f"The body nests deeper than {MAX_DEPTH} levels.")


def shown(value: Any) -> str:
    """A value as an error may quote it: as JSON, and shortened."""
    return short(json.dumps(value, ensure_ascii=False))


def short(text: str) -> str:
    """A text as an error may quote it."""
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


def _not_json(why: str) -> Refusal:
    return invalid("", "BODY_NOT_JSON", f"The body is not JSON: {why}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _Twice(repr(short(name)))
            seen.add(name)
    return made


def _constant(name: str) -> Any:
    raise _NumberError(f'{name} has to stand in quotes: "{name}"')


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _NumberError(f"{short(text)} is beyond the numbers of 64 bits")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_number
)
