"""Bodies made to cost more than they weigh, or to be more than a parser expects."""

from typing import Any

import pytest

from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.explain import explain
from tests.gateway import schema
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient

INVALID_ARGUMENT = 3
EVERYTHING = schema.methods()["Bodies.Create"].request_class.DESCRIPTOR


@pytest.fixture(autouse=True)
def answer(backend: Backend) -> None:
    backend.answer({})


def test_many_keys_of_which_one_is_there_twice_are_refused_at_once(backend: Backend) -> None:
    """In the time that it takes to read them: otherwise one body stops the gateway for minutes."""
    keys = ",".join(f'"k{number}":0' for number in range(40_000))
    body = f'{{"struct":{{{keys},"z":0,"z":1}}}}'.encode()
    with running_gateway(backend.port) as port:
        reply = send(port, "POST", "/v1/create", {}, body)
        assert reply.status, "no answer in 20 s"
        assert reason_of(check_status(reply, 400, INVALID_ARGUMENT)) == "BODY_KEY_TWICE"


class CountingCodec(Codec):
    """Counts how often it was asked, and about how many values, those inside others included."""

    asked = 0
    values = 0

    def accepts(self, name: str, value: Any) -> bool:
        self.asked += 1
        self.values += weight(value)
        return super().accepts(name, value)


def weight(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(weight, inner))


@pytest.mark.parametrize("count", [2000])
@pytest.mark.parametrize(
    "make",
    [
        lambda count: {"rInt32": [*range(count), "x"]},
        lambda count: {"subs": [{}] * count + [5]},
        lambda count: {"mStringString": {str(key): "" for key in range(count)} | {"x": 5}},
        lambda count: nested({"tags": ["a"] * count + [5]}, 90),
    ],
    ids=["list", "messages", "map", "deep"],
)
def test_reason_of_a_refusal_is_found_without_reading_the_body_again_and_again(
    make: Any, count: int
) -> None:
    """A body has to weigh what it costs: finding the part that is wrong is worth some tries of its size."""
    codec = CountingCodec(Descriptors(schema.descriptor_set()).files)
    body = make(count)
    refusal = explain(codec, body, EVERYTHING)
    assert refusal.http_status == 400
    assert codec.values < 8 * weight(body)
    assert codec.asked < 500


def nested(value: Any, depth: int) -> Any:
    for _ in range(depth):
        value = {"child": value}
    return {"sub": value}


@pytest.mark.parametrize(
    ("target", "start", "end"),
    [
        ("/v1/create", '{"id":', "}"),
        ("/v1/create", '{"value":', "}"),
        ("/v1/create", '{"mStringSub":{"a":', "}}"),
        ("/v1/create", '{"nope":', "}"),
        ("/v1/create/x", '{"id":', "}"),
        ("/v1/body/string", "", ""),
        ("/v1/body/strings", "[", "]"),
        ("/v1/collect", '[{"id":', "}]"),
        ("/v1/collect", "", ""),
    ],
)
def test_body_of_any_depth_is_answered(
    gateway_port: int, target: str, start: str, end: str
) -> None:
    """Right up to where the parser of Python gives up: there is no depth at which the gateway fails."""
    with nothing_went_wrong(), WireClient(gateway_port) as client:
        for depth in (*range(90, 110), *range(900, 1000), 10_000, 1_000_000):
            body = start + "[" * depth + "]" * depth + end
            reply = client.ask("POST", target, {}, body.encode())
            # Each level is a value, and there is a bound on these as well.
            check_status(reply, 413 if depth > 50_000 else 400, INVALID_ARGUMENT)


@pytest.mark.parametrize("levels", [25, 31, 32, 33, 34, 40, 55])
def test_body_that_the_service_could_not_parse_is_refused(
    gateway_port: int, backend: Backend, levels: int
) -> None:
    """Values inside values are three messages each, and no parser of protobuf takes more than 100."""
    body = '{"a":' * levels + "1" + "}" * levels
    reply = send(gateway_port, "POST", "/v1/body/value", {}, body.encode())
    if levels <= 32:
        assert reply.status == 200
        assert len(backend.calls()) == 1
    else:
        assert reason_of(check_status(reply, 400, INVALID_ARGUMENT)) == "BODY_TOO_DEEP"
        assert backend.calls() == []


def test_number_of_many_digits_is_refused_in_the_words_of_the_gateway(gateway_port: int) -> None:
    """And not of Python."""
    body = b'{"value":%s}' % (b"1" * 5000)
    status = check_status(send(gateway_port, "POST", "/v1/create", {}, body), 400, INVALID_ARGUMENT)
    assert "sys." not in str(status["message"])


@pytest.mark.parametrize("path", ["3.5s", "\\u0000", "a b", "-1", "a..b", "é"])
def test_mask_that_could_not_be_written_is_refused(
    gateway_port: int, backend: Backend, path: str
) -> None:
    """In a body as in a query: a service that gives it back would make an answer without JSON."""
    body = f'{{"fieldMask":"{path}"}}'.encode()
    check_status(send(gateway_port, "POST", "/v1/create", {}, body), 400, INVALID_ARGUMENT)
    assert backend.calls() == []
