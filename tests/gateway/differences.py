"""In what two engines differ on a case, and what is known of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.gateway.header_rules import RULES
from tests.gateway.messages import described, joined, parsed_json
from tests.gateway.outcomes import Exchange, mismatches
from tests.gateway.schema import CONFORMANCE


@dataclass(frozen=True)
class Known:
    """A difference that is meant to be."""

    reason: str
    parts: tuple[str, ...]


@cache
def known_differences() -> Mapping[str, Known]:
    """By the id of the case."""
    groups = yaml.safe_load((CONFORMANCE / "envoy_differences.yaml").read_text())
    known: dict[str, Known] = {}
    for group in groups:
        for case_id in group["cases"]:
            assert case_id not in known, f"{case_id} is listed twice"
            known[case_id] = Known(group["reason"].strip(), tuple(group["differs"]))
    return known


def differing_parts(one: Exchange, other: Exchange) -> tuple[str, ...]:
    """The parts in which two engines differ on the same case, in the order of PARTS.

    Where the status differs the rest of the reply does too, and is not looked at.
    """
    looked_at = ["status", "request"]
    if one.reply.status == other.reply.status:
        looked_at += ["error_code", "body", "headers"]
    if one.calls and other.calls:
        looked_at.append("metadata")
    return tuple(part for part in looked_at if PARTS[part](one) != PARTS[part](other))


def told(seen: Exchange) -> str:
    """What an engine did, for people."""
    return f"{seen.reply.status} {seen.reply.body!r}, the backend got {_request(seen)}"


def _status(seen: Exchange) -> int:
    return seen.reply.status


def _request(seen: Exchange) -> list[Any]:
    return [
        (call.method, [described(message) for message in joined(call.messages)])
        for call in seen.calls
    ]


def _error_code(seen: Exchange) -> Any:
    found = _json(seen)
    is_error = seen.reply.status >= 400 and isinstance(found, dict)
    return found.get("code") if is_error else None


def _body(seen: Exchange) -> Any:
    """Whether it is whole, and what it says; what an engine says of its own refusal is its own."""
    if seen.reply.status >= 400 and not seen.calls:
        return None
    return seen.reply.complete, _json(seen)


def _json(seen: Exchange) -> Any:
    """The body as JSON, or as bytes where it is none."""
    try:
        return parsed_json(seen.reply.content)
    except ValueError:
        return seen.reply.content


def _headers(seen: Exchange) -> list[str]:
    """Which rules of `expect` on headers are not kept."""
    return _broken(seen, {key for key in RULES if key.startswith("header")})


def _metadata(seen: Exchange) -> list[str]:
    """Which rules of `expect` on metadata and the deadline are not kept."""
    return _broken(seen, {"deadline_max", *(key for key in RULES if key.startswith("metadata"))})


def _broken(seen: Exchange, keys: set[str]) -> list[str]:
    expected = {key: value for key, value in seen.case.expect.items() if key in keys}
    return [key for key, _ in mismatches(seen, expected)]


PARTS: dict[str, Callable[[Exchange], Any]] = {
    "status": _status,
    "request": _request,
    "error_code": _error_code,
    "body": _body,
    "headers": _headers,
    "metadata": _metadata,
}
