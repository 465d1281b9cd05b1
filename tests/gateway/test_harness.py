"""The harness itself: what it lets through, and what it notices."""

import socket
import threading
from typing import Any

import pytest

from tests.gateway import schema
from tests.gateway.backend import Call
from tests.gateway.cases import Case, Outcome, all_cases
from tests.gateway.http_client import Reply, request_bytes, send
from tests.gateway.messages import described, joined, parsed_json, same_json
from tests.gateway.outcomes import (
    CHECKS,
    CONTESTED,
    Exchange,
    Result,
    category,
    judge,
    mismatches,
)
from tests.gateway.summary import COUNTED

RPC = "Query.Search"
OK = Reply(200, (("content-type", "application/json; charset=utf-8"),), b'{"a":1}', complete=True)


def case(expect: Outcome, **more: Any) -> Case:
    given: dict[str, Any] = {"request": {}, "contested": bool(more.get("acceptable"))} | more
    return Case(id="made-up", rpc=RPC, expect=expect, **given)


def call(*values: Any, rpc: str = RPC, **more: Any) -> Call:
    request_class = schema.methods()[rpc].request_class
    messages = [schema.message(request_class, value) for value in values]
    return Call(rpc, messages, **{"metadata": (), "seconds_left": None} | more)


def found(outcome: Outcome, reply: Reply = OK, *calls: Call) -> list[str]:
    exchange = Exchange(case(outcome), reply, list(calls))
    return list(dict.fromkeys(key for key, _ in mismatches(exchange, outcome)))


def test_every_key_of_the_cases_is_understood() -> None:
    """No case says anything that is not looked at."""
    keys = {key for known in all_cases() for outcome in known.outcomes for key in outcome}
    assert keys <= CHECKS.keys()
    with pytest.raises(KeyError):
        found({"staus": 200})


def test_judge_tells_exact_acceptable_failed_and_forbidden_apart() -> None:
    """What is forbidden is so whatever else holds; what is acceptable is so if contested."""
    choice = case({"status": 400}, acceptable=({"status": 200, "request": {}},))
    assert judge(choice, OK, [call({})]).result is Result.ACCEPTABLE
    assert judge(choice, OK, [call({"id": "x"})]).result is Result.FAILED
    assert category(choice, judge(choice, Reply(400, (), b"", True), [])) == CONTESTED
    plain = case({"status": 200}, acceptable=({"status": 201},), contested=False)
    assert judge(plain, OK, []).result is Result.EXACT
    assert judge(plain, Reply(201, (), b"", True), []).result is Result.FAILED
    evil = case({"status": 200}, forbidden=({"request": {"id": "evil"}},))
    assert judge(evil, OK, [call({"id": "evil"})]).result is Result.FORBIDDEN
    assert judge(evil, OK, [call({"id": "good"})]).result is Result.EXACT


def test_summary_counts_every_category() -> None:
    """Nothing that becomes of a case is left out of the sum."""
    assert {*Result, CONTESTED} == set(COUNTED)


def test_judge_sees_another_method_and_a_reply_that_breaks_off() -> None:
    """Both are failures that no case has to mention."""
    wanted = case({"status": 200, "request": {}})
    assert judge(wanted, OK, [call({})]).result is Result.EXACT
    assert judge(wanted, OK, [call({}, rpc="Paths.GetSingle")]).result is Result.FAILED
    assert judge(wanted, Reply(200, (), b"[", False), [call({})]).result is Result.FAILED
    open_end = case({"status": 200, "response_incomplete": True})
    assert judge(open_end, Reply(200, (), b"[", False), []).result is Result.EXACT
    assert judge(open_end, Reply(200, (), b"[]", True), []).result is Result.FAILED


def test_messages_are_compared_as_messages() -> None:
    """NaN is itself, unset is not the default where one can tell, the order of a mask is nothing."""
    assert not found({"request": {"fFloat": "NaN"}}, OK, call({"fFloat": "NaN"}))
    assert found({"request": {"optInt32": 0}}, OK, call({}))
    assert not found({"request": {"fInt32": 0}}, OK, call({}))
    assert not found({"request": {"fieldMask": "a,b"}}, OK, call({"fieldMask": "b,a"}))
    assert found({"request": {"fieldMask": "a,b"}}, OK, call({"fieldMask": "a"}))
    assert found({"request": {}}, OK) == ["request"]
    assert found({"request": None}, OK, call({})) == ["request"]
    unknown = schema.message_class("transcode.conformance.v1.Sub").FromString(b"\xf8\x07\x01")
    assert described(unknown) != described(type(unknown)())


def test_stream_of_http_body_may_be_cut_anywhere() -> None:
    """The pieces are one file; other streams are what they are."""
    upload = schema.methods()["Files.UploadStream"].request_class
    first = {"name": "n", "file": {"contentType": "text/plain", "data": "aGU="}}
    pieces = [schema.message(upload, first), schema.message(upload, {"file": {"data": "bA=="}})]
    [whole] = joined(pieces)
    assert (whole.name, whole.file.content_type, whole.file.data) == ("n", "text/plain", b"hel")
    assert len(joined(call({}, {}).messages)) == 2


@pytest.mark.parametrize(
    ("outcome", "body"),
    [
        ({"response_json": {"a": 1, "b": 2}}, b'{"a":1}'),
        ({"response_json": {"a": 1}}, b'{"a":1,"b":2}'),
        ({"response_json": {"a": 1}}, b'{"a":true}'),
        ({"response_json": {"a": 1}}, b'{"a":1,"a":1}'),
        ({"response_json": {"a": 1}}, b'{"a":1} {}'),
        ({"response_lines": [{"a": 1}]}, b'{"a":1}'),
        ({"response_lines": [{"a": 1}]}, b'{"a":1}\n{"a":2}\n'),
        ({"response_sse": [{"a": 1}]}, b'data: {"a":1}\n'),
        ({"response_text": "a"}, b"b"),
        ({"response_b64": "eA=="}, b"y"),
        ({"response_contains": ["a", "c"]}, b"abb"),
        ({"error_code": 3}, b"code: 3"),
        ({"error_code": 3}, b'{"code":5}'),
    ],
)
def test_body_that_differs_is_noticed(outcome: Outcome, body: bytes) -> None:
    """Neither more nor less, and JSON in the strict sense."""
    assert found(outcome, Reply(200, (), body, complete=True)) == [next(iter(outcome))]


@pytest.mark.parametrize(
    ("outcome", "body"),
    [
        ({"response_json": {"a": 1}, "response_json_subset": True}, b'{"a":1,"b":2}'),
        ({"response_lines": [{"a": 1}, []]}, b'{"a": 1}\n[]\n'),
        ({"response_sse": [{"a": "\n"}]}, b': hello\n\nevent: x\ndata: {"a":\ndata: "\\n"}\n\n'),
        ({"response_contains": ["a", "c"]}, b"abc"),
        ({"error_code": 3}, b'{"code": 3, "message": ""}'),
    ],
)
def test_body_that_means_the_same_is_taken(outcome: Outcome, body: bytes) -> None:
    """Spaces, the order of events' lines and, where it is said, further members mean nothing."""
    assert not found(outcome, Reply(200, (), body, complete=True))


def test_headers_and_metadata_follow_their_rules() -> None:
    """Each rule holds where it should and is broken where it should."""
    reply = Reply(200, (*OK.headers, ("vary", "Origin, accept"), ("x", "1"), ("x", "2")), b"", True)
    kept = {
        "headers_exact": {"content-type": "application/json"},
        "headers_contain": {"vary": ["Accept", "Origin"]},
        "headers_list": {"x": ["1", "2"]},
        "headers_absent": ["etag"],
        "header_not": {"content-type": ""},
        "metadata": {"m": "1"},
        "metadata_not": {"m": "2"},
        "metadata_absent": ["n"],
        "metadata_list": {"m": ["1"]},
        "deadline_max": 5,
    }
    made = call({}, metadata=(("m", "1"),), seconds_left=4.5)
    assert not found(kept, reply, made)
    broken = {
        "headers_exact": {"x": "1"},
        "headers_contain": {"vary": ["cookie"]},
        "headers_list": {"x": ["2", "1"]},
        "headers_absent": ["x"],
        "header_not": {"x": "2"},
        "header_absent_value": {"x": "2"},
        "metadata": {"m": "2"},
        "metadata_not": {"m": "1"},
        "metadata_absent": ["m"],
        "metadata_list": {"m": ["1", "1"]},
        "deadline_max": 4,
    }
    assert found(broken, reply, made) == list(broken)


def test_json_is_compared_by_value() -> None:
    """Numbers by value, true and 1 apart, lists in order."""
    assert same_json(1, 1.0)
    assert not same_json([1, 2], [2, 1])
    assert not same_json({"a": None}, {})
    with pytest.raises(ValueError, match="NaN"):
        parsed_json(b"[NaN]")


def test_request_goes_out_as_it_is() -> None:
    """No byte of the target is changed, a list of values is so many lines."""
    sent = request_bytes(9, "GET", "/a%2f;b?c=[]", {"x": ["1", "2"], "Connection": "x"}, b"hi")
    assert sent == (
        b"GET /a%2f;b?c=[] HTTP/1.1\r\nhost: 127.0.0.1:9\r\ncontent-length: 2\r\n"
        b"x: 1\r\nx: 2\r\nConnection: x\r\n\r\nhi"
    )


@pytest.mark.parametrize(
    ("sent", "status", "body", "complete"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", 200, b"hi", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi", 200, b"hi", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n", 200, b"[", False),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n\r\n",
            200,
            b"[",
            True,
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n",
            404,
            b"",
            True,
        ),
        (b"", 0, b"", False),
    ],
)
def test_reply_that_breaks_off_is_seen(
    sent: bytes, status: int, body: bytes, complete: bool
) -> None:
    """A reply is complete when the message says so, and not when the connection ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(sent)

        thread = threading.Thread(target=answer)
        thread.start()
        reply = send(listening.getsockname()[1], "GET", "/")
        thread.join()
    assert (reply.status, reply.body, reply.complete) == (status, body, complete)
