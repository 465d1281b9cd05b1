"""The changes of an event as they happen, over connections that come and go."""

import time
from collections.abc import Callable, Iterator
from typing import cast

import grpc

from howmuch.client.explain import reason_of
from howmuch.client.session import Session
from howmuch.v1 import change_pb2, event_service_pb2

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0

# A server that stops, a connection that broke, and the longest time that a server lets a stream last.
_PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNKNOWN,
}


def watch(
    session: Session, event_id: str, since_revision: int, on_lost: Callable[[], None]
) -> Iterator[change_pb2.Change]:
    """Every change after a revision, in order and each once, until the caller stops.

    A connection that is lost is opened again by itself, after the last change that came; on_lost is called
    once for each time that one is. Raises grpc.RpcError for what does not pass: the session has ended, the
    event is gone.
    """
    seen, wait_seconds = since_revision, FIRST_WAIT_SECONDS
    lost = False
    while True:
        request = event_service_pb2.WatchEventRequest(event_id=event_id, since_revision=seen)
        try:
            for change in session.events.WatchEvent(request, metadata=session.metadata):
                seen, wait_seconds, lost = change.revision, FIRST_WAIT_SECONDS, False
                yield change
        except grpc.RpcError as error:
            # An error of a call is also that call, which its class does not say.
            if cast("grpc.Call", error).code() not in _PASSING or reason_of(error) == "INTERNAL":
                raise
        if not lost:
            on_lost()
            lost = True
        time.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
