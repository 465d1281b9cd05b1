"""Metadata of answers: how much of it passes, and whose fault it is that more does not."""

import grpc
import pytest

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.messages import parsed_json
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.upstreams import Behaviour, upstream

INVALID_ARGUMENT, INTERNAL = 3, 13


@pytest.mark.parametrize("where", ["initial", "trailing", "failed"])
@pytest.mark.parametrize("size", [9_000, 14_000, 20_000, 60_000])
def test_metadata_of_an_answer_arrives_up_to_64_kib(where: str, size: int) -> None:
    """Every time, before or after the message, and beside an error."""
    behave = answering_with_metadata(where, size)
    with upstream(behave) as upstream_port, running_gateway(upstream_port) as port:
        for _ in range(
            5
        ):  # By default gRPC refuses some beyond 8 KiB, at random, and all beyond 16 KiB.
            reply = send(port, "GET", "/v1/resp")
            assert reply.status == (404 if where == "failed" else 200)
            assert reply.values("x-large") == ["a" * size]


@pytest.mark.parametrize("where", ["initial", "trailing", "failed"])
def test_metadata_beyond_64_kib_is_a_fault_of_the_service(where: str) -> None:
    """The request was right, so it is 502, which says where to look."""
    behave = answering_with_metadata(where, 70_000)
    with upstream(behave) as upstream_port, running_gateway(upstream_port) as port:
        status = check_status(send(port, "GET", "/v1/resp"), 502, INTERNAL)
    assert reason_of(status) == "ANSWER_HEADERS_TOO_LARGE"
    assert "the service" in str(status["message"]).lower()


def answering_with_metadata(where: str, size: int) -> Behaviour:
    """Answers with so many bytes of metadata. where: `initial`, `trailing`, or `failed`: of an error."""
    metadata = (("x-large", "a" * size),)

    def behave(request: bytes, context: grpc.ServicerContext) -> list[bytes]:
        if where == "initial":
            context.send_initial_metadata(metadata)
        else:
            context.set_trailing_metadata(metadata)
        if where == "failed":
            context.abort(grpc.StatusCode.NOT_FOUND, "None.")
        return [b""]

    return behave


def test_error_with_500_field_violations_arrives_whole(gateway_port: int, backend: Backend) -> None:
    """A form or a batch may have as many."""
    violations = [{"field": f"lines[{n}].amount", "description": "Wrong."} for n in range(500)]
    bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}
    backend.answer({"status": {"code": INVALID_ARGUMENT, "message": "Wrong.", "details": [bad]}})
    reply = send(gateway_port, "GET", "/v1/resp")
    check_status(reply, 400, INVALID_ARGUMENT)
    [detail] = parsed_json(reply.content)["details"]
    assert len(detail["fieldViolations"]) == 500
