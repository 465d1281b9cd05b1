"""The two ways of calling: gRPC with the retry policy that clients get, and REST that repeats after a 503."""

import time
from dataclasses import dataclass
from typing import Any, Protocol, cast

import grpc
import httpx
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import code_pb2

from howmuch.client.explain import reason_of
from howmuch.client.retries import channel_options
from howmuch.rpc.methods import SERVICES
from tests.rest.transcoding import http_form

ATTEMPT_SECONDS = 8.0
"""How long one call over gRPC with its retries, or one attempt over REST, may take."""
REST_WAITS = (0.1, 0.3, 0.9)
UNKNOWN = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "UNKNOWN", "INTERNAL"})
"""Codes after which a client does not know whether the call took effect."""

METHODS = {method.name: method for service in SERVICES for method in service.methods}


@dataclass(frozen=True, slots=True)
class Answer:
    """message: of a call that succeeded. code, reason: of one that failed; empty otherwise."""

    message: Any = None
    code: str = ""
    reason: str = ""


class Way(Protocol):
    """Any thread may call."""

    name: str

    def call(self, method: str, request: Message, token: str = "", key: str = "") -> Answer:
        """One call with its retries."""

    def close(self) -> None:
        """Ends its connections."""


def stub_of(kind: Any, method: str) -> Any:
    """A callable. kind: `unary_unary` or `unary_stream` of a channel."""
    described = METHODS[method]
    return kind(
        f"/{described.containing_service.full_name}/{method}",
        request_serializer=GetMessageClass(described.input_type).SerializeToString,
        response_deserializer=GetMessageClass(described.output_type).FromString,
    )


class OverGrpc:
    """target: one or several servers, in gRPC's syntax."""

    name = "gRPC"

    def __init__(self, target: str) -> None:
        # Channels share connections otherwise, and with them their fate.
        own: list[tuple[str, str | int]] = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(target, [*channel_options(), *own])

    def call(self, method: str, request: Message, token: str = "", key: str = "") -> Answer:
        stub = stub_of(self.channel.unary_unary, method)
        try:
            metadata = tuple(_headers(token, key).items())
            return Answer(stub(request, metadata=metadata, timeout=ATTEMPT_SECONDS))
        except grpc.RpcError as error:
            code = cast("grpc.Call", error).code().name
            return Answer(code=code, reason=reason_of(error))

    def close(self) -> None:
        self.channel.close()


class OverRest:
    """base_url: of the gateway."""

    name = "REST"

    def __init__(self, base_url: str) -> None:
        self.http = httpx.Client(base_url=base_url, trust_env=False, timeout=ATTEMPT_SECONDS)

    def call(self, method: str, request: Message, token: str = "", key: str = "") -> Answer:
        for wait in REST_WAITS:
            answer = self._attempt(method, request, token, key)
            if answer.code != "UNAVAILABLE" or method == "LogOut":
                return answer
            time.sleep(wait)
        return self._attempt(method, request, token, key)

    def _attempt(self, method: str, request: Message, token: str, key: str) -> Answer:
        form = http_form(method, request)
        try:
            answer = self.http.request(
                form.verb,
                form.path,
                params=httpx.QueryParams(tuple(form.query)),
                json=form.body,
                headers=_headers(token, key),
            )
        except httpx.TimeoutException:
            return Answer(code="DEADLINE_EXCEEDED")
        except httpx.TransportError as error:
            return Answer(code="UNAVAILABLE", reason=type(error).__name__)
        if answer.status_code == 200:
            kind = GetMessageClass(METHODS[method].output_type)
            return Answer(json_format.Parse(answer.text, kind()))
        return _failed(answer)

    def close(self) -> None:
        self.http.close()


def _headers(token: str, key: str) -> dict[str, str]:
    session = {"authorization": f"Bearer {token}"} if token else {}
    return session | ({"idempotency-key": key} if key else {})


def _failed(answer: httpx.Response) -> Answer:
    """The google.rpc.Status in the body; UNKNOWN if something else answered."""
    try:
        status = answer.json()
        reasons = [str(each["reason"]) for each in status["details"] if "reason" in each]
        return Answer(code=code_pb2.Code.Name(status["code"]), reason=reasons[0] if reasons else "")
    except (ValueError, KeyError, TypeError):
        return Answer(code="UNKNOWN", reason=f"HTTP {answer.status_code}")
