"""Requests that would cost much are refused before they do: each bound, with the error that says it."""

import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import grpc
import pytest

from howmuch.gateway.bodies import Shapes
from howmuch.gateway.codec import Codec
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.json_bounds import check_json, check_lines
from howmuch.gateway.large_bodies import PIECE_VALUES, LargeBodies
from howmuch.gateway.options import Credentials, Info, MethodOption
from howmuch.gateway.status import Refusal, Refusals
from tests.gateway import schema
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.upstreams import upstream
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient

INVALID_ARGUMENT, UNAUTHENTICATED, UNAVAILABLE = 3, 16, 14
CREATE = schema.methods()["Bodies.Create"]
EVERYTHING = CREATE.request_class.DESCRIPTOR
GZIP = {"content-encoding": "gzip"}
JSON = {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def answer(backend: Backend) -> Iterator[None]:
    backend.answer({})
    with nothing_went_wrong():
        yield


@pytest.mark.parametrize(
    ("body", "values"),
    [
        (b"1", 1),
        (b"[]", 1),
        (b"[ ]", 1),
        (b'{ "a" : { } }', 2),
        (b"[[],[],[]]", 4),
        (b'["[[,,{"]', 2),
        (rb'["\"[,[,", "\\", "]"]', 4),
        (b'{"a":[1,2,{"b":"x"}],"c":null}', 7),
    ],
)
def test_values_are_counted_as_a_parser_would(body: bytes, values: int) -> None:
    """Brackets and commas in strings are no values, and an empty list has none."""
    json.loads(body)
    check_json(body, values)
    with pytest.raises(Refusal) as refused:
        check_json(body, values - 1)
    assert refused.value.http_status == 413
    assert f"more than {values - 1} JSON values" in refused.value.message


@pytest.mark.parametrize(
    "body",
    [b'"\\\\",' * 30_000, b'{"a":' * 60_000, rb'"\"' * 60_000 + b"[" * 60_000],
    ids=["escapes", "deep", "open"],
)
def test_body_that_is_not_json_is_bounded_too(body: bytes) -> None:
    """No text gets past the bounds by being wrong: it would be split into as many parts."""
    with pytest.raises(Refusal):
        check_json(body, 20_000)


def test_values_of_lines_are_counted_together() -> None:
    check_lines(b"[1,2]\n3\n", 5)
    for most in (1, 3):
        with pytest.raises(Refusal):
            check_lines(b"[1,2]\n3\n", most)


@pytest.mark.parametrize(
    ("target", "media_type", "body"),
    [
        ("/v1/create", "application/json", b'{"rInt32":[1,1,1,1,1,1,1,1,1]}'),
        ("/v1/collect", "application/json", b"[{},{},{},{},{},{},{},{},{},{}]"),
        ("/v1/collect", "application/x-ndjson", b"{}\n" * 11),
        ("/v1/body/strings", "application/json", b'["","","","","","","","","",""]'),
    ],
)
def test_body_of_too_many_values_is_refused(
    backend: Backend, target: str, media_type: str, body: bytes
) -> None:
    """Before it is parsed, with the bound in the error."""
    with running_gateway(backend.port, max_json_values=10) as port:
        reply = send(port, "POST", target, {"content-type": media_type}, body)
        status = check_status(reply, 413, INVALID_ARGUMENT)
        assert reason_of(status) == "BODY_TOO_MANY_VALUES"
        assert "more than 10 JSON values" in str(status["message"])
    assert backend.calls() == []


def test_query_of_too_many_parameters_is_refused(backend: Backend) -> None:
    with running_gateway(backend.port, max_query_parameters=3) as port:
        assert send(port, "GET", "/v1/search?rString=a&rString=b&rString=c").status == 200
        reply = send(port, "GET", "/v1/search?rString=a&rString=b&rString=c&rString=d")
        status = check_status(reply, 400, INVALID_ARGUMENT)
        assert reason_of(status) == "TOO_MANY_PARAMETERS"
    assert len(backend.calls()) == 1


@pytest.mark.parametrize("pieces", [1, 1000])
def test_body_that_unpacks_too_far_is_refused(gateway_port: int, pieces: int) -> None:
    """In whatever parts it comes; a body that repeats itself a little is read."""
    fine = gzip.compress(json.dumps({"fString": "a" * 60_000}).encode())
    assert send(gateway_port, "POST", "/v1/create", GZIP, fine).status == 200
    bomb = gzip.compress(b'{"fString":"%s"}' % (b"a" * 1_000_000))
    with WireClient(gateway_port) as client:
        chunks = [bomb[at : at + pieces] for at in range(0, len(bomb), pieces)]
        head = {**GZIP, **JSON, "content-length": str(len(bomb))}
        client.write("POST", "/v1/create", head, b"")
        for chunk in chunks:
            client.send(chunk)
        status = check_status(client.reply("POST"), 413, INVALID_ARGUMENT)
    assert reason_of(status) == "BODY_COMPRESSED_TOO_FAR"
    assert "100 times" in str(status["message"])


def test_large_bodies_together_are_bounded_and_small_ones_get_through(backend: Backend) -> None:
    """The memory comes back with the end of a request."""
    large = json.dumps({"fString": "a" * 100_000}).encode()
    head = {**JSON, "content-length": str(len(large) + 1)}
    with running_gateway(backend.port, max_bodies_bytes=100_000) as port, WireClient(port) as slow:
        slow.write("POST", "/v1/create", head, large)
        assert slow.is_open(0.2)
        reply = send(port, "POST", "/v1/create", JSON, large)
        status = check_status(reply, 503, UNAVAILABLE)
        assert reason_of(status) == "TOO_MANY_LARGE_REQUESTS"
        assert reply.values("retry-after") == ["1"]
        assert send(port, "POST", "/v1/create", JSON, b"{}").status == 200
        slow.send(b" ")
        assert slow.reply("POST").status == 200
        assert send(port, "POST", "/v1/create", JSON, large).status == 200


class PieceCodec(Codec):
    """Knows the most values that were converted at once: for so long, no other thread ran."""

    most = 0

    def from_value(self, name: str, value: Any, **options: Any) -> bytes:
        self.most = max(self.most, weight(value))
        return super().from_value(name, value, **options)

    def accepts(self, name: str, value: Any) -> bool:
        self.most = max(self.most, weight(value))
        return super().accepts(name, value)


def weight(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(weight, inner))


LARGE_VALUES = [
    {"rInt32": [*range(20_000)]},
    {"subs": [{}] * 20_000},
    {"subs": [{"tags": ["a"] * 3000}, {"name": "b"}, {"tags": ["c"] * 3000}], "id": "x"},
    {"mStringString": {str(key): "" for key in range(20_000)}},
    {"sub": {"child": {"child": {"tags": ["a"] * 20_000, "name": "n"}}}, "fInt64": "5"},
]


@pytest.mark.parametrize("value", LARGE_VALUES, ids=["list", "messages", "mixed", "map", "deep"])
def test_large_value_is_converted_in_pieces_to_the_same_message(value: Any) -> None:
    """A conversion of one piece is all that the event loop ever waits for."""
    codec = PieceCodec(Descriptors(schema.descriptor_set()).files)
    large = LargeBodies(codec, Shapes(), ignore_unknown=False)
    whole = codec.from_json(EVERYTHING.full_name)(json.dumps(value).encode())
    made = CREATE.request_class.FromString(large.to_wire(value, EVERYTHING, Refusals()))
    assert made == CREATE.request_class.FromString(whole)
    assert codec.most <= PIECE_VALUES + 10


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"rInt32": [*range(9000), "x", *range(9000)]}, "rInt32[9000]"),
        ({"subs": [{}] * 5000 + [{"tags": [1]}] + [{}] * 5000}, "subs[5000].tags[0]"),
        ({"subs": [{}, {"tags": ["a"] * 3000 + [5]}]}, "subs[1].tags[3000]"),
        ({"mStringString": {**{str(key): "" for key in range(5000)}, "x": 5}}, "mStringString"),
        ({"rInt32": [*range(9000)], "fInt32": "x"}, "fInt32"),
    ],
)
def test_wrong_part_of_a_large_value_is_named(value: Any, path: str) -> None:
    codec = PieceCodec(Descriptors(schema.descriptor_set()).files)
    wrong = Refusals()
    LargeBodies(codec, Shapes(), ignore_unknown=False).to_wire(value, EVERYTHING, wrong)
    assert [each["field"] for each in wrong.together().violations] == [path]
    assert codec.most <= PIECE_VALUES + 10


def test_large_body_is_read_on_another_thread(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A small one is read in the event loop, which is faster."""
    threads: dict[int, str] = {}
    checked = check_json

    def noting(body: bytes, most_values: int) -> None:
        threads[len(body)] = threading.current_thread().name
        checked(body, most_values)

    monkeypatch.setattr("howmuch.gateway.requests.check_json", noting)
    small, large = b'{"id":"a"}', json.dumps({"tags": ["a"] * 5000}).encode()
    large = json.dumps({"fString": "a" * 5000}).encode()
    with running_gateway(backend.port) as port:
        for body in (small, large):
            assert send(port, "POST", "/v1/create", JSON, body).status == 200
    assert threads[len(small)] == "gateway"
    assert threads[len(large)].startswith("gateway-requests")


def test_large_answer_is_written_on_another_thread(backend: Backend) -> None:
    """And compressed there; the client gets the same."""
    text = "ab" * 300_000
    backend.answer({"response": {"fString": text}})
    with running_gateway(backend.port) as port:
        reply = send(port, "GET", "/v1/resp", {"accept-encoding": "gzip"})
        assert json.loads(reply.content) == {"fString": text}
        names = {thread.name.rpartition("_")[0] for thread in threading.enumerate()}
    assert "gateway-answers" in names


# In the schema no method has an option that makes it public.
INFO = Info(public_option=MethodOption("no.such.option", "PUBLIC"))
CREDENTIALS = Credentials("SIGN_IN", "example", "Sign in first.")
GUARDED: dict[str, Any] = {"info": INFO, "credentials": CREDENTIALS}


def test_call_without_credentials_is_refused_before_its_body_is_read(backend: Backend) -> None:
    """The client has its answer while it still holds the body back."""
    with running_gateway(backend.port, **GUARDED) as port:
        with WireClient(port) as client:
            head = {**JSON, "content-length": "1000000", "expect": "100-continue"}
            client.write("POST", "/v1/create", head, b"")
            reply = client.reply("POST")
            status = check_status(reply, 401, UNAUTHENTICATED)
            assert client.informational == []
        assert (reason_of(status), status["message"]) == ("SIGN_IN", "Sign in first.")
        assert reply.values("www-authenticate") == ["Bearer"]
        whole = send(port, "POST", "/v1/create", JSON, b"x" * 4_000_000)
        assert reason_of(check_status(whole, 401, UNAUTHENTICATED)) == "SIGN_IN"
        signed_in = {**JSON, "authorization": "Bearer a"}
        assert send(port, "POST", "/v1/create", signed_in, b"{}").status == 200
        # The service itself decides about calls that have no body to read.
        assert send(port, "GET", "/v1/resp").status == 200
    assert [call.method for call in backend.calls()] == ["Bodies.Create", "Responses.Get"]


def test_wrong_credentials_are_refused_before_a_large_body_is_read() -> None:
    """The method that checks them is asked for large and compressed bodies only."""
    asked: list[str] = []

    def behave(_: bytes, context: grpc.ServicerContext) -> list[bytes]:
        metadata = dict(context.invocation_metadata())
        asked.append(str(metadata.get("content", "")))
        if metadata["authorization"] == "Bearer wrong":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "Wrong.")
        return [b""]

    check = schema.methods()["Responses.Get"].path
    credentials = replace(CREDENTIALS, check_method=check)
    options = {**GUARDED, "credentials": credentials}
    with upstream(behave) as upstream_port, running_gateway(upstream_port, **options) as port:

        def create(token: str, body: bytes, **more: str) -> int:
            asked.clear()
            head = {**JSON, "authorization": f"Bearer {token}", **more}
            return send(port, "POST", "/v1/create", head, body).status

        large = json.dumps({"fString": "a" * 20_000}).encode()
        assert (create("right", b"{}"), len(asked)) == (200, 1)
        assert (create("right", large), len(asked)) == (200, 2)
        assert (create("wrong", large), len(asked)) == (401, 1)
        assert (create("wrong", b"not gzip", **GZIP), len(asked)) == (401, 1)
