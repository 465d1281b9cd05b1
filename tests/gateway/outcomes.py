"""Compares what a case says of an outcome with what happened, key by key."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from google.protobuf.message import Message

from tests.gateway import schema
from tests.gateway.backend import Call
from tests.gateway.cases import Case, Outcome
from tests.gateway.header_rules import RULES, broken_rules, media_type
from tests.gateway.http_client import Reply
from tests.gateway.messages import described, joined, parsed_json, same_json

ANYTHING = "*any*"
CONTESTED = "expected of contested"
Mismatch = tuple[str, str]  # the key of the outcome, and a sentence


class Result(StrEnum):
    """What became of a case."""

    EXACT = "exact"
    ACCEPTABLE = "acceptable"
    FAILED = "failed"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True)
class Verdict:
    """A result, and why it is not exact."""

    result: Result
    mismatches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """A case as it went."""

    case: Case
    reply: Reply
    calls: list[Call]


Check = Callable[[Exchange, Outcome, Any], Iterator[str]]


def judge(case: Case, reply: Reply, calls: list[Call]) -> Verdict:
    """Forbidden outcomes first, then `expect`, then, where the case is contested, the acceptable."""
    exchange = Exchange(case, reply, calls)
    for outcome in case.forbidden:
        if not mismatches(exchange, outcome):
            return Verdict(Result.FORBIDDEN, (f"This must never happen: {dict(outcome)}.",))
    found = [*wrong_method(exchange), *broken_off(exchange, case.expect)]
    found += mismatches(exchange, case.expect)
    sentences = tuple(sentence for _, sentence in found)
    if not sentences:
        return Verdict(Result.EXACT)
    for outcome in case.acceptable if case.contested else ():
        if not broken_off(exchange, outcome) and not mismatches(exchange, outcome):
            return Verdict(Result.ACCEPTABLE, sentences)
    return Verdict(Result.FAILED, sentences)


def category(case: Case, verdict: Verdict) -> str:
    """What a case counts as in the summary."""
    if case.contested and verdict.result is Result.EXACT:
        return CONTESTED
    return verdict.result.value


def mismatches(exchange: Exchange, outcome: Outcome) -> list[Mismatch]:
    """Where what happened differs from an outcome; KeyError: nobody knows what a key of it means."""
    return [
        (key, sentence)
        for key in outcome
        for sentence in CHECKS[key](exchange, outcome, outcome[key])
    ]


def wrong_method(exchange: Exchange) -> list[Mismatch]:
    """What was called is the method of the case. Another sound reading may be another method."""
    names = {call.method for call in exchange.calls} - {exchange.case.rpc}
    return [("request", f"{name} was called instead of {exchange.case.rpc}.") for name in names]


def broken_off(exchange: Exchange, outcome: Outcome) -> list[Mismatch]:
    """Every reply is whole, unless the outcome says otherwise."""
    if exchange.reply.complete or outcome.get("response_incomplete"):
        return []
    return [("response_incomplete", f"The reply broke off after {exchange.reply.body!r}.")]


def _status(exchange: Exchange, _: Outcome, expected: int) -> Iterator[str]:
    if exchange.reply.status != expected:
        yield f"The status is {exchange.reply.status} and not {expected}: {exchange.reply.body!r}."


def _request(exchange: Exchange, _: Outcome, expected: Any) -> Iterator[str]:
    calls = exchange.calls
    if expected == ANYTHING:
        return
    if expected is None:
        if calls:
            yield f"The backend must not be called, and got {_texts(calls[0].messages)}."
    elif len(calls) != 1 or len(calls[0].messages) != 1:
        yield f"The backend got {[_texts(call.messages) for call in calls]} and not one message."
    else:
        yield from _compare_messages(exchange, [expected])


def _requests(exchange: Exchange, _: Outcome, expected: list[Any]) -> Iterator[str]:
    if len(exchange.calls) != 1:
        yield f"There were {len(exchange.calls)} calls and not one."
    else:
        yield from _compare_messages(exchange, expected)


def _compare_messages(exchange: Exchange, expected: list[Any]) -> Iterator[str]:
    request_class = schema.methods()[exchange.case.rpc].request_class
    wanted = _texts([schema.message(request_class, value) for value in expected])
    found = _texts(joined(exchange.calls[0].messages))
    if wanted != found:
        yield f"The backend got {found} and not {wanted}."


def _texts(messages: list[Message]) -> list[str]:
    return [described(message) for message in messages]


def _error_code(exchange: Exchange, _: Outcome, expected: int) -> Iterator[str]:
    try:
        found = parsed_json(exchange.reply.content)
    except ValueError:
        yield f"The error is no JSON: {exchange.reply.body!r}."
        return
    if not isinstance(found, dict) or not same_json(expected, found.get("code")):
        yield f"The error {found} has not the code {expected}."


def _response_json(exchange: Exchange, outcome: Outcome, expected: Any) -> Iterator[str]:
    yield from _compare_documents([exchange.reply.content], outcome, [expected])


def _response_lines(exchange: Exchange, outcome: Outcome, expected: list[Any]) -> Iterator[str]:
    *lines, rest = exchange.reply.content.split(b"\n")
    if rest:
        yield f"The last line has no end: {rest!r}."
    yield from _compare_documents(lines, outcome, expected)


def _response_sse(exchange: Exchange, outcome: Outcome, expected: list[Any]) -> Iterator[str]:
    *events, rest = exchange.reply.content.split(b"\n\n")
    if rest:
        yield f"The last event has no end: {rest!r}."
    data = [_data_of(event) for event in events]
    yield from _compare_documents([text for text in data if text], outcome, expected)


def _data_of(event: bytes) -> bytes:
    lines = [line.removeprefix(b"data:") for line in event.split(b"\n") if line[:5] == b"data:"]
    return b"\n".join(line.removeprefix(b" ") for line in lines)


def _compare_documents(texts: list[bytes], outcome: Outcome, expected: list[Any]) -> Iterator[str]:
    try:
        found = [parsed_json(text) for text in texts]
    except ValueError as error:
        yield f"This is no JSON: {texts} ({error})."
        return
    if not same_json(expected, found, subset=outcome.get("response_json_subset", False)):
        yield f"The response is {found} and not {expected}."


def _response_text(exchange: Exchange, _: Outcome, expected: str) -> Iterator[str]:
    if exchange.reply.content != expected.encode():
        yield f"The response is {exchange.reply.content!r} and not {expected.encode()!r}."


def _response_b64(exchange: Exchange, _: Outcome, expected: str) -> Iterator[str]:
    if exchange.reply.content != base64.b64decode(expected):
        yield f"The response is {exchange.reply.content!r} and not {base64.b64decode(expected)!r}."


def _response_contains(exchange: Exchange, _: Outcome, expected: list[str]) -> Iterator[str]:
    for part in expected:
        if part.encode() not in exchange.reply.content:
            yield f"{part!r} is not in {exchange.reply.content!r}."


def _response_incomplete(exchange: Exchange, _: Outcome, expected: bool) -> Iterator[str]:
    if exchange.reply.complete == expected:
        yield f"Whether the reply breaks off should be {expected}: {exchange.reply.body!r}."


def _deadline_max(exchange: Exchange, _: Outcome, expected: float) -> Iterator[str]:
    for call in exchange.calls:
        if call.seconds_left is None or call.seconds_left > expected:
            yield f"The call had {call.seconds_left} seconds and not at most {expected}."


def _header_rule(key: str) -> Check:
    def check(exchange: Exchange, _: Outcome, expected: Any) -> Iterator[str]:
        if key.startswith("metadata"):
            for call in exchange.calls:
                yield from broken_rules(key, expected, call.values)
        else:
            yield from broken_rules(key, expected, media_type(exchange.reply.values))

    return check


def _modifies_another(*_: Any) -> Iterator[str]:
    return iter(())


CHECKS: dict[str, Check] = {
    "status": _status,
    "request": _request,
    "requests": _requests,
    "error_code": _error_code,
    "response_json": _response_json,
    "response_json_subset": _modifies_another,
    "response_lines": _response_lines,
    "response_sse": _response_sse,
    "response_text": _response_text,
    "response_b64": _response_b64,
    "response_contains": _response_contains,
    "response_incomplete": _response_incomplete,
    "deadline_max": _deadline_max,
    **{key: _header_rule(key) for key in RULES},
}
