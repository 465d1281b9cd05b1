"""A server with its own options, and somebody else who locks what it writes to."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from sqlalchemy import text

from howmuch.broadcast.local import Broadcast
from howmuch.rpc.grpc_server import GrpcServer, build_server
from howmuch.rpc.server_options import ServerOptions
from howmuch.storage.database import Database
from howmuch.v1 import event_pb2, event_service_pb2, user_service_pb2
from tests import speed
from tests.service.api import Api, Failure, Person, failure_of
from tests.service.conftest import NO_QUOTAS
from tests.waiting import until

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def running(
    database: Database, broadcast: Broadcast | None = None, **options: Any
) -> Iterator[tuple[GrpcServer, Api]]:
    """A server with these options, and a client of it."""
    given: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "quotas": NO_QUOTAS,
        **speed.server_options(),
        **options,
    }
    server = build_server(database, ServerOptions(**given), broadcast)
    server.start()
    target = f"127.0.0.1:{server.port}"
    try:
        with grpc.insecure_channel(target) as channel:
            yield server, Api(channel, database, target)
    finally:
        server.stop(grace_seconds=1.0)


@contextmanager
def locked(database: Database, event_id: str) -> Iterator[None]:
    """Somebody else writes to the event, and takes their time."""
    with database.begin() as connection:
        connection.execute(text("SELECT 1 FROM events WHERE id = :id FOR UPDATE"), {"id": event_id})
        yield


def wait_for_waiting(database: Database, count: int) -> None:
    """Until so many statements wait for a lock."""

    def waiting() -> bool:
        with database.read() as connection:
            return bool(connection.execute(WAITING).scalar_one() == count)

    until(waiting, f"{count} statements wait")


def rename(person: Person, event_id: str, name: str) -> event_pb2.Event:
    event = event_pb2.Event(id=event_id, name=name)
    return person.events.UpdateEvent(event_service_pb2.UpdateEventRequest(event=event))


def me(person: Person) -> Any:
    return person.users.GetMe(user_service_pb2.GetMeRequest())


def refusal(call: "Future[Any]") -> Failure:
    error = call.exception(timeout=30)
    assert isinstance(error, grpc.RpcError), error
    return failure_of(error)


def code_of(call: Callable[[], Any]) -> str:
    """The code alone: what grpcio refuses by itself has no details."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return str(caught.value.code().name)
