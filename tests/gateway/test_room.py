"""Connections, streams and calls each have room of their own: no client takes that of another."""

from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import ip_address
from typing import Any

import pytest

from howmuch.gateway.connections import Connections, Room
from howmuch.gateway.options import GatewayOptions
from howmuch.runtime.networks import client_address, parse_networks
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.statuses import check_status, reason_of
from tests.gateway.upstream_process import Running, running_process
from tests.gateway.watched_logs import nothing_went_wrong
from tests.gateway.wire_client import WireClient
from tests.waiting import until

RESOURCE_EXHAUSTED, UNAVAILABLE = 8, 14
WATCH = "/v1/watch?id=endless"
PROXY = {"trusted_proxies": ("127.0.0.1",)}


@pytest.fixture(scope="module")
def process() -> Iterator[Running]:
    with running_process() as running:
        yield running


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with nothing_went_wrong():
        yield


def watch(stack: ExitStack, port: int, **headers: str) -> WireClient:
    """A stream that has begun."""
    client = stack.enter_context(WireClient(port))
    client.write("GET", WATCH, {"accept": "text/event-stream", **headers})
    assert b"endless" in client.read_until(b"endless")
    return client


def refused(port: int, http_status: int, code: int, **headers: str) -> str:
    """The reason for which one more stream is refused."""
    reply = send(port, "GET", WATCH, {"accept": "text/event-stream", **headers})
    reason = reason_of(check_status(reply, http_status, code))
    assert reply.values("retry-after") == ["5"]
    return reason


def test_streams_take_no_room_from_calls(process: Running) -> None:
    """As many streams as there may be calls, and one more: calls are answered all the same."""
    options = {"max_concurrent_requests": 2, "max_streams": 4}
    with running_gateway(process.port, **options) as port, ExitStack() as stack:
        for _ in range(4):
            watch(stack, port)
        assert send(port, "GET", "/v1/resp?id=a").status == 200
        assert refused(port, 503, UNAVAILABLE) == "TOO_MANY_STREAMS_IN_ALL"
        assert send(port, "GET", "/v1/resp?id=a").status == 200
        stack.close()
        until(lambda: send(port, "GET", "/v1/watch?id=a").status == 200, "room for a stream")


def test_streams_of_one_caller_are_bounded(process: Running) -> None:
    """By their credentials, however many spaces are in the header; others have streams of their own."""
    with running_gateway(process.port, max_streams_per_caller=2) as port, ExitStack() as stack:
        watch(stack, port, authorization="Bearer ana")
        watch(stack, port, authorization="bearer   ana ")
        reason = refused(port, 429, RESOURCE_EXHAUSTED, authorization="BEARER  ana")
        assert reason == "TOO_MANY_STREAMS"
        watch(stack, port, authorization="Bearer bo")


@pytest.mark.parametrize(
    ("same", "other"),
    [
        (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1:5000"], "192.0.2.2"),
        (["2001:db8::1", "[2001:db8::2]:443", "2001:db8::ffff:1"], "2001:db8:0:1::1"),
    ],
)
def test_streams_of_one_network_are_bounded(process: Running, same: list[str], other: str) -> None:
    """Behind a trusted proxy by the address that it reports, in all its spellings."""
    options: dict[str, Any] = {**PROXY, "max_streams_per_network": 2}
    with running_gateway(process.port, **options) as port, ExitStack() as stack:
        for address in same[:2]:
            watch(stack, port, **{"x-forwarded-for": f"198.51.100.1, {address}"})
        reason = refused(port, 429, RESOURCE_EXHAUSTED, **{"x-forwarded-for": same[2]})
        assert reason == "TOO_MANY_STREAMS"
        watch(stack, port, **{"x-forwarded-for": other})


def test_idle_connection_makes_room_for_a_new_one(backend: Backend) -> None:
    """The one that is idle longest; those in use stay, and a refusal says why."""
    backend.answer({"delay": 600})
    with running_gateway(backend.port, max_connections=3) as port, ExitStack() as stack:
        old, idle, busy = (stack.enter_context(WireClient(port)) for _ in range(3))
        for client in (old, idle):
            assert client.ask("GET", "/healthz").status == 200
        busy.write("GET", "/v1/resp")
        backend.await_calls(1)
        newest = stack.enter_context(WireClient(port))
        assert newest.ask("GET", "/healthz").status == 200
        assert old.read_all() == b""
        assert idle.ask("GET", "/healthz").status == 200
        for client in (idle, newest):
            client.write("GET", "/v1/resp")
        backend.await_calls(3)
        reply = send(port, "GET", "/healthz")
        status = check_status(reply, 503, UNAVAILABLE)
        assert reason_of(status) == "TOO_MANY_CONNECTIONS_IN_ALL"
        assert reply.values("retry-after") == ["1"]


def test_connections_of_one_network_are_bounded(backend: Backend) -> None:
    """A trusted proxy has no bound: it speaks for many."""
    backend.answer({"delay": 600})
    for trusted, status in (((), 429), (("127.0.0.1",), 200)):
        options: dict[str, Any] = {"max_connections_per_network": 1, "trusted_proxies": trusted}
        with running_gateway(backend.port, **options) as port, WireClient(port) as busy:
            busy.write("GET", "/v1/resp")
            backend.await_calls(1)
            reply = send(port, "GET", "/healthz")
            assert reply.status == status
            if status == 429:
                refusal = check_status(reply, 429, RESOURCE_EXHAUSTED)
                assert reason_of(refusal) == "TOO_MANY_CONNECTIONS"
                assert reply.values("retry-after") == ["5"]
        backend.answer({"delay": 600})


class Idle:
    """A connection that waits. closed: in which order."""

    def __init__(self, network: str, closed: list["Idle"], *, unsent: bool = False) -> None:
        self.network = network
        self._closed = closed
        self._unsent = unsent

    def has_unsent(self) -> bool:
        return self._unsent

    def close_idle(self) -> None:
        self._closed.append(self)


def test_full_network_closes_its_own_connections_only() -> None:
    """4,096 connections of one network do not shut out another, and cannot push its connections out."""
    options = GatewayOptions(max_connections=5, max_connections_per_network=3)
    connections = Connections(options, parse_networks(["10.0.0.0/8"]))
    closed: list[Idle] = []

    def open_idle(address: str, *, unsent: bool = False) -> Idle:
        network = connections.network_of(address)
        assert connections.room(network) is Room.FREE
        connections.opened(network)
        made = Idle(network, closed, unsent=unsent)
        connections.idle(made)
        return made

    first = open_idle("2001:db8::1")
    flood = [open_idle(f"192.0.2.7:{number}") for number in range(1, 6)]
    assert closed == flood[:2]
    for each in closed:
        connections.closed(each.network)
    open_idle("10.0.0.1")
    del closed[:]
    open_idle("2001:db8::2")
    assert closed == [first]
    connections.closed(first.network)
    for each in (*flood, first):
        connections.busy(each)
    assert connections.room("192.0.2.7") is Room.NETWORK_FULL
    assert connections.room("192.0.2.8") is Room.FREE


def test_connection_whose_client_still_reads_is_closed_last() -> None:
    connections = Connections(GatewayOptions(max_connections=2), [])
    closed: list[Idle] = []
    reading, read = Idle("a", closed, unsent=True), Idle("b", closed)
    for each in (reading, read):
        connections.opened(each.network)
        connections.idle(each)
    assert connections.room("c") is Room.FREE
    assert connections.room("c") is Room.FREE
    assert closed == [read, reading]
    assert connections.room("c") is Room.FULL


def test_client_is_the_nearest_address_that_no_trusted_proxy_reports() -> None:
    trusted = parse_networks(["10.0.0.0/8"])
    assert ip_address("10.0.0.1") in trusted[0]
    forwarded = "203.0.113.9, 192.0.2.1:5000, 10.0.0.2"
    assert client_address("10.0.0.1", forwarded, trusted) == "192.0.2.1"
    assert client_address("::ffff:10.0.0.1", forwarded, trusted) == "192.0.2.1"
    assert client_address("192.0.2.99", forwarded, trusted) == "192.0.2.99"
    assert client_address("10.0.0.1", "", trusted) == "10.0.0.1"
