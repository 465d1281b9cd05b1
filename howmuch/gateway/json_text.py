"""Strict JSON parsing: UTF-8, no duplicate key, nothing after the value, no NaN, bounded depth."""

import json
import math
from collections import Counter
from typing import Any

from howmuch.gateway.status import Refusal, invalid

MAX_DEPTH = 100
"""Nesting of objects and arrays. The codec has the same bound."""

_SHOWN_LENGTH = 60


def parse_json(body: bytes) -> Any:
    """The parsed value. Ignores a byte order mark. Raises Refusal with the position of the error."""
    try:
        return _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        position = f"line {error.lineno}, column {error.colno}"
        raise _not_json(f"{error.msg[0].lower()}{error.msg[1:]} at {position}") from None
    except RecursionError:
        raise too_deep() from None
    except ValueError:
        raise _not_json("a number has more than 4,300 digits") from None


def check_wire_depth(value: Any, depth: int) -> None:
    """Refuses a google.protobuf.Value that nests too deep on the wire, where an object is 3 messages.

    depth: number of messages around it.
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
    return invalid("", "BODY_TOO_DEEP", f"The body nests deeper than {MAX_DEPTH} levels.")


def shown(value: Any) -> str:
    """A value as errors quote it: JSON, shortened."""
    return short(json.dumps(value, ensure_ascii=False))


def short(text: str) -> str:
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}..."


def _not_json(why: str) -> Refusal:
    return invalid("", "BODY_NOT_JSON", f"The body is not JSON: {why}.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        name = next(name for name, count in counts.items() if count > 1)
        raise invalid("", "BODY_KEY_TWICE", f"The body has the key {short(name)!r} twice.")
    return made


def _constant(name: str) -> Any:
    raise _not_json(f'{name} must be in quotes: "{name}"')


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _not_json(f"{short(text)} is out of range for a 64-bit number")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_constant=_constant, parse_float=_number
)
