"""Follow the changes of an event, across lost connections."""

import time
from collections.abc import Callable, Iterator
from typing import cast

import grpc

from howmuch.client.explain import reason_of
from howmuch.client.session import Session
from howmuch.v1 import change_pb2, event_service_pb2

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 10.0

# A server that stops, a lost connection, and the longest duration of a stream.
_PASSING = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.UNKNOWN,
}


def watch(
    session: Session, event_id: str, since_revision: int, on_lost: Callable[[], None]
) -> Iterator[change_pb2.Change]:
    """Yield every change after a revision, in order and once, until the caller stops.

    Reconnects after a lost connection, and calls on_lost once for each loss. Raises grpc.RpcError for lasting
    errors: the session has ended, the event is deleted.
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
            # An RpcError of a call is also a Call, but its class does not say so.
            if cast("grpc.Call", error).code() not in _PASSING or reason_of(error) == "INTERNAL":
                raise
        if not lost:
            on_lost()
            lost = True
        time.sleep(wait_seconds)
        wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
