"""A whole server: its limits, its health, how it stops."""

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from howmuch.rpc.call import Call
from howmuch.rpc.grpc_server import GrpcServer
from howmuch.storage.database import Database
from howmuch.v1 import user_service_pb2, user_service_pb2_grpc
from tests.health import Health
from tests.rpc.running import code_of, locked, me, rename, running, wait_for_waiting
from tests.service.api import Api, Person, failure
from tests.waiting import until

NAMES = [f"howmuch.v1.{name}Service" for name in ("User", "Event", "Expense")]


def test_message_too_large_is_refused(database: Database) -> None:
    """A request over the limit is RESOURCE_EXHAUSTED; one below it is served."""
    with running(database, max_request_bytes=5_000) as (_, api):
        ana = api.person()
        assert ana.event(description="a" * 4_500).description == "a" * 4_500
        assert code_of(lambda: ana.event(description="a" * 5_000)) == "RESOURCE_EXHAUSTED"


def test_calls_beyond_the_limit_are_refused(database: Database, pool: ThreadPoolExecutor) -> None:
    """With as many calls in flight as may be, the next is told at once, and those end well."""
    with running(database, threads=2, max_concurrent_rpcs=3) as (server, api):
        ana = api.person()
        event = ana.event()
        with locked(database, event.id):
            calls = [pool.submit(rename, ana, event.id, f"Porto {n}") for n in range(3)]
            wait_for_waiting(database, 2)
            until(lambda: server._intake.places.waiting == 1, "the third waits for a place")
            until(lambda: _refused(ana), "a call is refused")
        assert {call.result(30).name for call in calls} == {"Porto 0", "Porto 1", "Porto 2"}
        assert me(ana).name == "Ana"


def _refused(person: Person) -> bool:
    # Until the third call has come in, this one would wait in its place; so it waits only briefly.
    try:
        stub = user_service_pb2_grpc.UserServiceStub(person.channel)
        stub.GetMe(user_service_pb2.GetMeRequest(), timeout=0.2)
    except grpc.RpcError as error:
        return bool(error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED)
    return False


def test_health_is_told_for_each_service(server: tuple[GrpcServer, Api]) -> None:
    """SERVING for the server and each service; NOT_FOUND for one that there is not."""
    health = Health(server[1].channel)
    for name in ("", *NAMES):
        answer = health.check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    request = health_pb2.HealthCheckRequest(service="howmuch.v1.OtherService")
    assert code_of(lambda: health.check(request)) == "NOT_FOUND"


def test_health_turns_before_the_server_stops(
    server: tuple[GrpcServer, Api], pool: ThreadPoolExecutor
) -> None:
    """Who watches sees SERVING, then NOT_SERVING and the end; they do not use the grace up."""
    health = Health(server[1].channel)
    watch = health.watch(health_pb2.HealthCheckRequest(service=NAMES[0]))
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    stopped = pool.submit(server[0].stop, 3600.0)
    assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
    assert list(watch) == []
    assert stopped.result(30) is None


def reflected(api: Api) -> set[str]:
    ask = api.channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    [answer] = ask(iter([reflection_pb2.ServerReflectionRequest(list_services="*")]))
    return {service.name for service in answer.list_services_response.service}


def test_reflection_lists_the_services(server: tuple[GrpcServer, Api], database: Database) -> None:
    """Tools find every service; where reflection is off they find nothing."""
    assert {*NAMES, "grpc.health.v1.Health"} <= reflected(server[1])
    with running(database, reflection=False) as (_, api):
        assert code_of(lambda: reflected(api)) == "UNIMPLEMENTED"


@contextmanager
def call_in_flight(api: Api, database: Database, pool: ThreadPoolExecutor) -> Iterator[Future[Any]]:
    """A call that renames an event to Porto, and waits for its lock until the block ends."""
    ana = api.person()
    event = ana.event()
    with locked(database, event.id):
        call = pool.submit(rename, ana, event.id, "Porto")
        wait_for_waiting(database, 1)
        yield call


def test_stop_lets_running_calls_end(
    server: tuple[GrpcServer, Api], database: Database, pool: ThreadPoolExecutor
) -> None:
    """A call in flight is answered; a new one is refused; the server is gone when it has."""
    running_server, api = server
    with call_in_flight(api, database, pool) as call:
        stopped = pool.submit(running_server.stop, 30.0)
        until(lambda: _unavailable(api), "new calls are refused")
        assert not stopped.done()
        assert not call.done()
    assert call.result(30).name == "Porto"
    assert stopped.result(30) is None


def _unavailable(api: Api) -> bool:
    with grpc.insecure_channel(api.target) as channel:
        health = Health(channel)
        try:
            health.check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.RpcError as error:
            return bool(error.code() is grpc.StatusCode.UNAVAILABLE)
    return False


def test_stop_cuts_off_what_takes_too_long(
    server: tuple[GrpcServer, Api], database: Database, pool: ThreadPoolExecutor
) -> None:
    """At the end of its grace the server stops, whatever a call waits for."""
    running_server, api = server
    with call_in_flight(api, database, pool) as call:
        pool.submit(running_server.stop, 0.1).result(30)
        assert isinstance(call.exception(30), grpc.RpcError)


def test_a_call_is_freed_as_it_ends(server: tuple[GrpcServer, Api]) -> None:
    """Without the garbage collector: gRPC's memory of each call would wait for that, too."""
    ana = server[1].person()
    gc.collect()
    before = calls_in_memory()
    gc.disable()
    try:
        for _ in range(50):
            assert me(ana).name == "Ana"
            assert (
                failure(lambda: ana.revision("evt_00000000000000000000000000")).code == "NOT_FOUND"
            )
        # The last ones may not be freed yet. Threads of other servers in this process keep one call each.
        assert calls_in_memory() - before < 20
    finally:
        gc.enable()


def calls_in_memory() -> int:
    return sum(isinstance(each, Call) for each in gc.get_objects())
