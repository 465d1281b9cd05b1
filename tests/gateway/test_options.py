"""Every option of the gateway does what it says: each has a behaviour here that is another without it."""

import gzip
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Any

import pytest
from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse

from howmuch.gateway.http_server import GatewayServer
from howmuch.gateway.options import Credentials, GatewayOptions, Info
from tests.gateway import schema
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.messages import parsed_json
from tests.gateway.test_slow_clients import has_server_side
from tests.gateway.upstreams import upstream
from tests.gateway.wire_client import WireClient
from tests.ports import free_address
from tests.waiting import comes_true, until

ORIGIN = "https://app.example.com"
OPEN_SECONDS = 1.0
"""So long a connection that should be closed is watched. All bounds in time are set far below it here."""

Seen = Callable[[int, Backend], Any]


@dataclass(frozen=True)
class Effect:
    """What `seen` gives with an option set to a value, and what by default."""

    value: Any
    seen: Seen
    then: Any
    otherwise: Any


def status_of(method: str, target: str, body: bytes | None = None, **answer: Any) -> Seen:
    def seen(port: int, backend: Backend) -> int:
        backend.answer(answer)
        return send(port, method, target, {}, body).status

    return seen


def mask_of_update(port: int, backend: Backend) -> list[str]:
    backend.answer({})
    body = b'{"settings":{"name":"x"}}'
    assert send(port, "PATCH", "/v1/resources/a", {}, body).status == 200
    [call] = backend.calls()
    return list(call.messages[0].update_mask.paths)


def answer_has_defaults(port: int, backend: Backend) -> bool:
    backend.answer({})
    return "fInt32" in parsed_json(send(port, "GET", "/v1/resp").body)


def status_with_header_of_9_kib(port: int, backend: Backend) -> bool:
    backend.answer({})
    return send(port, "GET", "/v1/resp", {"accept-language": "a" * 5000}).status in (400, 431)


def connections_that_stay(port: int, backend: Backend) -> int:
    with ExitStack() as stack:
        clients = []
        for _ in range(3):
            clients.append(stack.enter_context(WireClient(port)))
            assert clients[-1].ask("GET", "/healthz").status == 200
        return sum(client.is_open(0.2) for client in clients)


def second_stream_beside_one(port: int, backend: Backend) -> int:
    backend.answer({"delay": 60})
    caller = {"authorization": "Bearer a"}
    with WireClient(port) as first:
        first.write("GET", "/v1/watch", caller)
        backend.await_calls(1)
        return send(port, "GET", "/v1/watch", {**caller, "grpc-timeout": "200m"}).status


def status_of_packed(port: int, backend: Backend) -> int:
    backend.answer({})
    words = " ".join(str(number) for number in range(30_000))
    body = gzip.compress(b'{"fString":"%s"}' % words.encode())
    return send(port, "POST", "/v1/create", {"content-encoding": "gzip"}, body).status


def second_call_beside_one(port: int, backend: Backend) -> int:
    backend.answer({"delay": 60})
    with WireClient(port) as first:
        first.write("GET", "/v1/resp")
        backend.await_calls(1)
        return send(port, "GET", "/v1/resp", {"grpc-timeout": "200m"}).status


def deadline(target: str, **headers: str) -> Seen:
    def seen(port: int, backend: Backend) -> int:
        backend.answer({})
        assert send(port, "GET", target, headers).status == 200
        [call] = backend.calls()
        left = call.seconds_left
        assert left is not None
        # gRPC rounds a deadline on its way, by less than one in a hundred.
        return min((30, 50, 100, 300, 3600), key=lambda seconds: abs(seconds - left))

    return seen


def ends_after(data: bytes, *, answered: bool = False) -> Seen:
    """Whether a connection that sent this ends."""

    def seen(port: int, backend: Backend) -> bool:
        backend.answer({})
        with WireClient(port) as client:
            client.send(data)
            if answered:
                assert client.reply().status == 200
            return not client.is_open(OPEN_SECONDS)

    return seen


def unread_answer_ends(port: int, backend: Backend) -> bool:
    backend.answer({"response": {"fString": "x" * 9_000_000}})
    with WireClient(port, receive_buffer=4096) as client:
        client.write("GET", "/v1/resp")
        return comes_true(
            lambda: backend.calls() and not has_server_side(port), seconds=OPEN_SECONDS
        )


def heartbeat_comes(port: int, backend: Backend) -> bool:
    backend.answer({"delay": 60})
    with WireClient(port) as client:
        client.write("GET", "/v1/watch", {"accept": "text/event-stream"})
        return not client.is_open(OPEN_SECONDS)


def packs_200_bytes(port: int, backend: Backend) -> bool:
    backend.answer({"response": {"fString": "x" * 200}})
    reply = send(port, "GET", "/v1/resp", {"accept-encoding": "gzip"})
    return reply.values("content-encoding") == ["gzip"]


def allowed_origin(port: int, backend: Backend) -> list[str]:
    reply = send(port, "GET", "/healthz", {"origin": ORIGIN})
    return reply.values("access-control-allow-origin")


def forwarded_for(port: int, backend: Backend) -> list[str | bytes]:
    backend.answer({})
    send(port, "GET", "/v1/resp", {"x-forwarded-for": "192.0.2.1"})
    return backend.calls()[0].values("x-forwarded-for")


def title(port: int, backend: Backend) -> bool:
    document = parsed_json(send(port, "GET", "/openapi.json").content)
    return bool(document["info"]["title"] == "Mine")


HEAD = b"POST /v1/create HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n"
GET = b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n\r\n"
UNKNOWN_FIELD = status_of("POST", "/v1/create", b'{"nope":1}')
UNKNOWN_PARAMETER = status_of("GET", "/v1/search?utm=1")
MANY_VALUES = status_of("POST", "/v1/create", b'{"rInt32":[1,2,3]}')
MANY_PARAMETERS = status_of("GET", "/v1/search?rString=a&rString=b")
LARGE_BODY = status_of("POST", "/v1/create", b'{"fString":"%s"}' % (b"x" * 20_000))
LARGE_REQUEST = status_of("POST", "/v1/create", b'{"fString":"%s"}' % (b"x" * 2000))
LARGE_RESPONSE = status_of("GET", "/v1/resp", response={"fString": "x" * 2000})

EFFECTS = {
    "allow_trailing_slash": Effect(True, status_of("GET", "/v1/resp/"), 200, 404),
    "ignore_unknown_fields": Effect(True, UNKNOWN_FIELD, 200, 400),
    "ignore_unknown_query_parameters": Effect(True, UNKNOWN_PARAMETER, 200, 400),
    "ignored_query_parameters": Effect(("utm",), UNKNOWN_PARAMETER, 200, 400),
    "update_mask": Effect("top", mask_of_update, ["settings"], ["settings.name"]),
    "emit_defaults": Effect(True, answer_has_defaults, True, False),
    "max_request_bytes": Effect(1000, LARGE_REQUEST, 413, 200),
    "max_response_bytes": Effect(1000, LARGE_RESPONSE, 500, 200),
    "max_header_bytes": Effect(4000, status_with_header_of_9_kib, True, False),
    "max_json_values": Effect(3, MANY_VALUES, 413, 200),
    "max_query_parameters": Effect(1, MANY_PARAMETERS, 400, 200),
    "max_compression_ratio": Effect(2, status_of_packed, 413, 200),
    "max_bodies_bytes": Effect(1000, LARGE_BODY, 503, 200),
    "max_connections": Effect(2, connections_that_stay, 2, 3),
    "max_connections_per_network": Effect(2, connections_that_stay, 2, 3),
    "max_streams": Effect(1, second_stream_beside_one, 503, 504),
    "max_streams_per_network": Effect(1, second_stream_beside_one, 429, 504),
    "max_streams_per_caller": Effect(1, second_stream_beside_one, 429, 504),
    "max_concurrent_requests": Effect(1, second_call_beside_one, 503, 504),
    "default_deadline_seconds": Effect(100.0, deadline("/v1/resp"), 100, 30),
    "max_deadline_seconds": Effect(50.0, deadline("/v1/resp", **{"grpc-timeout": "1H"}), 50, 300),
    "max_stream_seconds": Effect(50.0, deadline("/v1/watch"), 50, 3600),
    "header_timeout_seconds": Effect(0.2, ends_after(GET[:-2]), True, False),
    "body_timeout_seconds": Effect(0.2, ends_after(HEAD + b"\r\n{"), True, False),
    "write_timeout_seconds": Effect(0.2, unread_answer_ends, True, False),
    "keep_alive_seconds": Effect(0.2, ends_after(GET, answered=True), True, False),
    "heartbeat_seconds": Effect(0.1, heartbeat_comes, True, False),
    "gzip_min_bytes": Effect(100, packs_200_bytes, True, False),
    "cors_origins": Effect((ORIGIN,), allowed_origin, [ORIGIN], []),
    "trusted_proxies": Effect(
        ("127.0.0.1",), forwarded_for, ["192.0.2.1, 127.0.0.1"], ["127.0.0.1"]
    ),
    "docs": Effect(False, status_of("GET", "/docs"), 404, 200),
    "credentials": Effect(Credentials(), status_of("POST", "/v1/create", b"{}"), 401, 200),
    "info": Effect(Info(title="Mine"), title, True, False),
}
# Where it listens cannot be seen through one server alone. Those of TLS have tests/security, tests/rest has
# the cookie and streams that continue, and the files beside this one have the site.
TESTED_ALONE = {
    *("listen", "watch_health", "cache_elements"),
    *("session_cookie", "resumable", "site", "preconditions"),
    *("cors_credentials", "cors_expose_headers"),
    *("tls", "hsts_seconds", "upstream_tls", "upstream_server_name"),
}


def test_every_option_has_a_behaviour_here() -> None:
    """An option that is new has to be added to the table above."""
    assert {field.name for field in fields(GatewayOptions)} == EFFECTS.keys() | TESTED_ALONE


@pytest.mark.parametrize("name", EFFECTS)
def test_option_is_obeyed(name: str, backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is seen is what it says, and something else without it."""
    # What has to happen may take its time, and what must not happen is watched for a short one.
    monkeypatch.setattr(f"{__name__}.OPEN_SECONDS", 30.0)
    effect = EFFECTS[name]
    with running_gateway(backend.port, **{name: effect.value}) as port:
        assert effect.seen(port, backend) == effect.then


@pytest.mark.parametrize("name", EFFECTS)
def test_option_has_its_default(name: str, backend: Backend, gateway_port: int) -> None:
    """The other behaviour."""
    effect = EFFECTS[name]
    assert effect.seen(gateway_port, backend) == effect.otherwise


def test_upstream_that_does_not_serve_gets_no_calls() -> None:
    """Where its health is watched: it is called from the moment it says SERVING, and not after it says no."""
    health = HealthServicer()
    health.set("", HealthCheckResponse.NOT_SERVING)
    with upstream(lambda *_: [b""], health) as port:
        with running_gateway(port) as unwatched:
            assert send(unwatched, "GET", "/v1/resp").status == 200
        with running_gateway(port, watch_health=True) as watched:
            assert send(watched, "GET", "/v1/resp").status == 503
            health.set("", HealthCheckResponse.SERVING)
            until(lambda: send(watched, "GET", "/v1/resp").status == 200, "it is called")
            health.set("", HealthCheckResponse.NOT_SERVING)
            until(lambda: send(watched, "GET", "/v1/resp").status == 503, "it is not called")


def test_gateway_listens_where_it_is_told(backend: Backend) -> None:
    """On this port, which nobody else gets meanwhile."""
    listen = free_address()

    def gateway() -> GatewayServer:
        options = GatewayOptions(listen=listen)
        made = GatewayServer(schema.descriptor_set(), f"127.0.0.1:{backend.port}", options)
        made.start()
        return made

    first = gateway()
    try:
        assert f"127.0.0.1:{first.port}" == listen
        with pytest.raises(OSError, match="in use"):
            gateway()
    finally:
        first.stop(0.0)


def test_option_that_cannot_be_is_an_error(backend: Backend) -> None:
    """Of the one who makes or starts the server, not of a thread that nobody sees."""

    def make_and_start() -> None:
        options = GatewayOptions(trusted_proxies=("nonsense",))
        GatewayServer(schema.descriptor_set(), f"127.0.0.1:{backend.port}", options).start()

    with pytest.raises(ValueError, match="nonsense"):
        make_and_start()
