"""Watchers: they follow an event over gRPC or SSE, and resume after the last revision that they saw."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Protocol

import grpc
import httpx

from howmuch.v1 import change_pb2
from howmuch.v1 import event_service_pb2 as es
from tests.chaos.evidence import Seen, Watch
from tests.chaos.ways import OverGrpc, OverRest, stub_of
from tests.rest.messages import SSE, StreamEndedError, messages_of

RESUME_SECONDS = 0.2
SILENCE_SECONDS = 15.0
"""After this time without a byte, the stream is dead: the gateway of the campaign has a heartbeat of 1 s."""
_KIND = "CHANGE_KIND_"


class Follower(Protocol):
    """One way of watching."""

    name: str

    def follow(self, event_id: str, since: int, token: str) -> Iterator[Seen]:
        """The messages of one stream, until it ends, for any reason."""

    def stop(self) -> None:
        """Ends the stream."""


class GrpcFollower:
    """Of a channel that it shares with no other."""

    def __init__(self, way: OverGrpc) -> None:
        self.name = "gRPC"
        self._way = way
        self._call: grpc.Call | None = None

    def follow(self, event_id: str, since: int, token: str) -> Iterator[Seen]:
        request = es.WatchEventRequest(event_id=event_id, since_revision=since)
        metadata = (("authorization", f"Bearer {token}"),)
        stub = stub_of(self._way.channel.unary_stream, "WatchEvent")
        with suppress(grpc.RpcError):
            stream = self._call = stub(request, metadata=metadata)
            for change in stream:
                kind = change_pb2.ChangeKind.Name(change.kind).removeprefix(_KIND)
                yield Seen(change.revision, kind, change.subject_id)

    def stop(self) -> None:
        if self._call is not None:
            self._call.cancel()
        self._way.close()


class _Stopped(Exception):
    """The watcher is to end."""


class SseFollower:
    """Of a client of its own."""

    def __init__(self, way: OverRest) -> None:
        self.name = "SSE"
        self._way = way
        self._stop = threading.Event()

    def follow(self, event_id: str, since: int, token: str) -> Iterator[Seen]:
        with (
            suppress(httpx.TransportError, StreamEndedError, _Stopped),
            self._way.http.stream(
                "GET",
                f"/v1/events/{event_id}:watch",
                params={"sinceRevision": str(since)},
                headers={"authorization": f"Bearer {token}", "accept": SSE},
                timeout=SILENCE_SECONDS,
            ) as answer,
        ):
            if answer.status_code == 200:
                for message in messages_of(self._parts(answer), SSE):
                    yield _seen(message)

    def _parts(self, answer: httpx.Response) -> Iterator[bytes]:
        """The bytes; heartbeats come at least each second."""
        for part in answer.iter_bytes():
            if self._stop.is_set():
                raise _Stopped
            yield part

    def stop(self) -> None:
        self._stop.set()


def _seen(message: Any) -> Seen:
    kind = message["kind"].removeprefix(_KIND)
    return Seen(int(message["revision"]), kind, message["subjectId"])


class Watcher:
    """since: the revision after which it begins. streams: how many it has opened."""

    def __init__(self, follower: Follower, event_id: str, since: int, token: str) -> None:
        self._follower = follower
        self._event_id = event_id
        self._since = since
        self._token = token
        self._seen: list[Seen] = []
        self.streams = 0

    @property
    def last(self) -> int:
        """The last revision that it saw."""
        return self._seen[-1].revision if self._seen else self._since

    def run(self, stop: threading.Event) -> None:
        """Watches until told to stop."""
        while not stop.is_set():
            self.streams += 1
            for seen in self._follower.follow(self._event_id, self.last, self._token):
                self._seen.append(seen)
            stop.wait(RESUME_SECONDS)

    def stop(self) -> None:
        """Ends its stream; the event of `run` must be set before."""
        self._follower.stop()

    def has_seen(self, event_id: str, revision: int) -> bool:
        """Whether it is as far as this revision, if it watches this event."""
        return event_id != self._event_id or self.last >= revision

    def watch(self) -> Watch:
        """What it saw."""
        name = f"watcher of {self._event_id} over {self._follower.name}"
        return Watch(name, self._event_id, self._since, tuple(self._seen))
