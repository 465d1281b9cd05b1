"""Open streams are bounded: in all, by session, by account and by client network."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from howmuch.rpc.stream_limits import StreamLimits
from howmuch.storage.database import Database
from howmuch.v1 import event_service_pb2, user_service_pb2
from tests.rpc.running import running
from tests.service.api import Api, Person, failure, failure_of
from tests.waiting import until

LIMITS = {
    "session": (StreamLimits(per_session=2), "This session has 2 streams open already"),
    "user": (StreamLimits(per_user=2), "This account has 2 streams open already"),
    "network": (StreamLimits(per_network=2), "This client network has 2 streams open already"),
    "server": (StreamLimits(most=2), "This server has 2 streams open already"),
}


def watch(person: Person, event_id: str) -> Any:
    """A stream that has begun."""
    stream = person.events.WatchEvent(event_service_pb2.WatchEventRequest(event_id=event_id))
    next(stream)
    return stream


@contextmanager
def watching(api: Api, counted_by: str) -> Iterator[tuple[list[Any], Person, str]]:
    """Two streams, and the caller and event of one more that shares with them only what counts."""
    ana = api.person()
    event = ana.event()
    request = user_service_pb2.LogInRequest(email=ana.email, password="a password of hers")
    again = api.caller(api.nobody().users.LogIn(request).token)
    bo = api.person("Bo")
    bo.join(ana, event.id)
    third = {"session": ana, "user": again}.get(counted_by, bo)
    second = ana if counted_by in ("session", "user") else again
    streams = [watch(ana, event.id), watch(second, event.id)]
    try:
        yield streams, third, event.id
    finally:
        for stream in streams:
            stream.cancel()


@pytest.mark.parametrize("counted_by", LIMITS)
def test_streams_beyond_a_limit_are_refused(database: Database, counted_by: str) -> None:
    """The refusal says the limit; unary calls go on; an ended stream makes room for the next."""
    limits, text = LIMITS[counted_by]
    with (
        running(database, streams=limits) as (_, api),
        watching(api, counted_by) as (streams, third, event_id),
    ):
        seen = failure(lambda: watch(third, event_id))
        assert (seen.code, seen.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS")
        assert seen.message.startswith(text)
        assert dict(seen.details["ErrorInfo"].metadata) == {"counted_by": counted_by, "most": "2"}
        assert third.revision(event_id) > 0
        streams.pop().cancel()
        until(lambda: opens(third, event_id), "the next stream is let in")


def opens(person: Person, event_id: str) -> bool:
    try:
        watch(person, event_id).cancel()
    except grpc.RpcError as error:
        return failure_of(error).reason != "TOO_MANY_STREAMS"
    return True
