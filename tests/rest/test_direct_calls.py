"""The gateway of `howmuch run` calls the server without gRPC between: deadlines, and clients who leave."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from howmuch.storage.database import Database
from tests.databases import closing_database, new_postgres_url
from tests.rest.client import Rest
from tests.rest.serving import serving
from tests.rpc.running import locked, wait_for_waiting
from tests.service.api import Api


@pytest.fixture(scope="module")
def own_database(postgres_server_url: str) -> Iterator[Database]:
    """One in which nobody else waits for a lock."""
    with new_postgres_url(postgres_server_url) as url, closing_database(url) as database:
        yield database


@pytest.fixture
def one_thread(own_database: Database) -> Iterator[tuple[Api, Rest]]:
    """A server that works on one call at a time."""
    with serving(own_database, grpc_settings={"threads": 1}) as running:
        yield running


def test_deadline_passes_while_a_call_waits_for_a_lock(
    one_thread: tuple[Api, Rest], own_database: Database
) -> None:
    """504 in time, nothing written, and the thread is free for the next."""
    api, rest = one_thread
    ana = api.person()
    event = ana.event()
    caller = rest.signed_in(ana.token)
    with locked(own_database, event.id):
        answer = caller.patch(
            f"/v1/events/{event.id}", {"name": "Porto"}, headers={"X-Server-Timeout": "0.3"}
        )
        assert answer.status == 504
        assert caller.get("/v1/users/me").status == 200
    assert caller.get(f"/v1/events/{event.id}").ok["name"] == event.name


def test_client_that_has_left_before_its_turn_writes_nothing(
    one_thread: tuple[Api, Rest], own_database: Database
) -> None:
    """While the only thread is busy, somebody asks for a write, and closes the connection."""
    api, rest = one_thread
    ana = api.person()
    event, other = ana.event(), ana.event(name="Faro")
    caller = rest.signed_in(ana.token)
    with ThreadPoolExecutor(1) as threads:
        with locked(own_database, event.id):
            first = threads.submit(caller.patch, f"/v1/events/{event.id}", {"name": "Porto"})
            wait_for_waiting(own_database, 1)
            leave_after(rest.base_url, f"/v1/events/{other.id}", ana.token, b'{"name":"Braga"}')
        assert first.result(30).status == 200
    assert caller.get(f"/v1/events/{other.id}").ok["name"] == "Faro"


def leave_after(base_url: str, path: str, token: str, body: bytes) -> None:
    """Sends a PATCH, and goes away once the gateway has read it: an answer to the next says so."""
    where = urlsplit(base_url)
    with socket.create_connection((where.hostname or "", where.port or 0)) as connection:
        connection.sendall(
            b"PATCH %b HTTP/1.1\r\nhost: a\r\nauthorization: Bearer %b\r\ncontent-length: %d\r\n"
            b"content-type: application/json\r\n\r\n%b"
            % (path.encode(), token.encode(), len(body), body)
        )
        with socket.create_connection((where.hostname or "", where.port or 0)) as other:
            other.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            assert other.recv(12) == b"HTTP/1.1 200"
