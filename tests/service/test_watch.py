"""WatchEvent: every change, in order, without gaps, whoever wrote it, for as long as it may be seen."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import grpc
import pytest

from howmuch.rpc.grpc_server import build_server
from howmuch.rpc.server_options import ServerOptions
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests import speed
from tests.service.api import Api, Failure, Person, failure_of
from tests.service.conftest import UNLIMITED, serve
from tests.waiting import until

pytestmark = pytest.mark.also_through_pgbouncer

second_server = contextmanager(serve)


class Stream:
    """What one watcher sees, read by a thread of its own."""

    def __init__(self, person: Person, event_id: str, since: int = 0) -> None:
        request = es.WatchEventRequest(event_id=event_id, since_revision=since)
        self.call = person.events.WatchEvent(request)
        self.revisions: list[int] = []
        self.ended: Failure | grpc.StatusCode | None = None
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            for change in self.call:
                with self._news:
                    self.revisions.append(change.revision)
                    self._news.notify_all()
        except grpc.RpcError as error:
            cancelled = error.code() is grpc.StatusCode.CANCELLED
            self.ended = error.code() if cancelled else failure_of(error)
        with self._news:
            self._news.notify_all()

    def wait(self, revision: int) -> list[int]:
        """All revisions that were seen, once this one is among them."""
        with self._news:
            assert self._news.wait_for(lambda: self.ended or revision in self.revisions, 30)
        assert self.ended is None
        return self.revisions

    def end(self) -> Failure:
        """How the stream ended."""
        self._reader.join(30)
        assert isinstance(self.ended, Failure)
        return self.ended

    def close(self) -> None:
        """Goes away."""
        self.call.cancel()
        self._reader.join(30)


def watch(person: Person, event_id: str, since: int = 0) -> Any:
    """A stream for the block."""
    return closing(Stream(person, event_id, since))


def spend(person: Person, event: Any, times: int = 1) -> None:
    """Writes to an event."""
    for _ in range(times):
        person.spend(event.id, event.member_id, "1.00")


def test_replay_and_then_live(ana: Person) -> None:
    """First what has been, from after the revision that is named, then what comes."""
    event = ana.event()
    spend(ana, event, 2)
    with watch(ana, event.id) as all_of_it, watch(ana, event.id, 2) as late:
        assert all_of_it.wait(3) == [1, 2, 3]
        assert late.wait(3) == [3]
        with watch(ana, event.id, 3) as live:
            spend(ana, event)
            assert live.wait(4) == [4]
            assert late.wait(4) == [3, 4]
            assert all_of_it.wait(4) == [1, 2, 3, 4]


@pytest.mark.slow
def test_long_replay_comes_whole(ana: Person) -> None:
    """A history longer than what is read at once has no gap where one reading ends."""
    event = ana.event()
    many = range(240)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: spend(ana, event), many))
    with watch(ana, event.id) as stream:
        assert stream.wait(len(many) + 1) == list(range(1, len(many) + 2))


def test_resuming_while_others_write_leaves_no_gap(api: Api, ana: Person) -> None:
    """Cut off and resumed again and again, a watcher sees each change once, in order."""
    event = ana.event()
    writers = [api.person(f"W{number}") for number in range(4)]
    for writer in writers:
        writer.join(ana, event.id)
    last = ana.revision(event.id) + len(writers) * 15
    seen: list[int] = []
    with ThreadPoolExecutor(len(writers)) as threads:
        done = [threads.submit(spend, writer, event, 15) for writer in writers]
        while not seen or seen[-1] < last:
            since = seen[-1] if seen else 0
            request = es.WatchEventRequest(event_id=event.id, since_revision=since)
            stream = ana.events.WatchEvent(request)
            some = itertools.islice(stream, min(7, last - since))
            seen += [change.revision for change in some]
            stream.cancel()
        for one in done:
            one.result()
    assert seen == list(range(1, last + 1))


def test_stream_ends_with_the_session(api: Api, ana: Person) -> None:
    """Once the session has ended no further change is shown."""
    event = ana.event()
    other = api.person("Bo")
    mine = other.join(ana, event.id)
    with watch(other, event.id) as stream:
        stream.wait(mine.revision)
        other.users.LogOut(us.LogOutRequest())
        spend(ana, event)
        ended = stream.end()
    assert (ended.code, ended.reason) == ("UNAUTHENTICATED", "SESSION_INVALID")
    assert stream.revisions[-1] == mine.revision


def test_stream_ends_with_the_session_while_nothing_is_written(ana: Person) -> None:
    """The end of a session is noticed without any write."""
    event = ana.event()
    with watch(ana, event.id) as stream:
        stream.wait(1)
        ana.users.LogOut(us.LogOutRequest())
        assert stream.end().code == "UNAUTHENTICATED"


def test_stream_ends_with_the_membership(api: Api, ana: Person) -> None:
    """Who is removed sees nothing of it, nor of what comes after."""
    event, bo = ana.event(), api.person("Bo")
    mine = bo.join(ana, event.id)
    with watch(bo, event.id) as stream, watch(ana, event.id) as others:
        stream.wait(mine.revision)
        ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=mine.member_id))
        ended = stream.end()
        others.wait(mine.revision + 1)
    assert (ended.code, ended.reason) == ("NOT_FOUND", "EVENT_NOT_FOUND")
    assert ended.details["RequestInfo"].request_id
    assert stream.revisions[-1] == mine.revision


@pytest.mark.parametrize("writes_named", [True, False])
def test_writes_of_another_server_are_seen(api: Api, ana: Person, writes_named: bool) -> None:
    """Whichever process wrote it, and whichever method: also those that name no event."""
    event = ana.event()
    with second_server(api.database) as other, watch(ana, event.id) as stream:
        stream.wait(1)
        there = other.caller(ana.token)
        if writes_named:
            spend(there, event)
            assert stream.wait(2) == [1, 2]
        else:
            other.person("Bo").join(there, event.id)
            assert stream.wait(3) == [1, 2, 3]


def test_idle_watchers_hold_no_threads(postgres_api: Api) -> None:
    """200 who watch leave the 8 threads of a server to the calls."""
    with second_server(postgres_api.database, threads=8) as small:
        ana = small.person("Ana")
        event = ana.event()
        friends = [small.person(f"Friend{number}") for number in range(9)]
        for friend in friends:
            friend.join(ana, event.id)
        joined = ana.revision(event.id)
        streams = [Stream(person, event.id) for person in (ana, *friends) for _ in range(20)]
        for stream in streams:
            stream.wait(joined)
        with ThreadPoolExecutor(8) as threads:
            revisions = set(threads.map(lambda _: ana.revision(event.id), range(40)))
        assert revisions == {joined}
        spend(ana, event)
        for stream in streams:
            assert stream.wait(joined + 1) == list(range(1, joined + 2))
            stream.call.cancel()
        for stream in streams:
            stream.close()


@contextmanager
def stoppable(api: Api) -> Iterator[tuple[Api, Callable[[], None], Any]]:
    """A server, how to stop it, and its hub of watchers."""
    options = ServerOptions(listen="127.0.0.1:0", rate_limits=UNLIMITED, **speed.server_options())
    server = build_server(api.database, options)
    server.start()
    target = f"127.0.0.1:{server.port}"
    stopped = threading.Event()

    def stop() -> None:
        if not stopped.is_set():
            stopped.set()
            server.stop(grace_seconds=5.0)

    try:
        with grpc.insecure_channel(target) as channel:
            yield Api(channel, api.database, target), stop, server._watchers
    finally:
        stop()


def test_stop_ends_streams(api: Api) -> None:
    """A server that goes down tells its watchers to resume elsewhere, and takes no new ones."""
    with stoppable(api) as (there, stop, hub):
        ana = there.person("Ana")
        event = ana.event()
        with watch(ana, event.id) as stream:
            stream.wait(1)
            # What is being sent is cut off at the end, and that has another code.
            until(lambda: all(each.sending_since is None and not each.busy for each in hub._all()))
            stop()
            ended = stream.end()
    assert (ended.code, ended.reason) == ("UNAVAILABLE", "SERVER_CLOSING")


def test_watcher_who_goes_away_is_forgotten(api: Api) -> None:
    """Nothing is kept of streams that were cancelled, ended or whose channel was closed."""
    with stoppable(api) as (there, _, hub):
        ana, bo = there.person("Ana"), there.person("Bo")
        event = ana.event()
        bo.join(ana, event.id)
        with grpc.insecure_channel(there.target) as channel:
            away = Api(channel, there.database, there.target).caller(ana.token)
            streams = [Stream(person, event.id) for person in (ana, bo, away)]
            for stream in streams:
                stream.wait(3)
            assert len(hub._all()) == 3
            streams[0].close()
            bo.users.LogOut(us.LogOutRequest())
            assert streams[1].end().code == "UNAUTHENTICATED"
        for _ in range(1000):
            if not hub._all():
                break
            ana.revision(event.id)
        assert hub._state.watchers == {}


@pytest.mark.parametrize("since", [-1, 2])
def test_watch_from_a_revision_that_is_not(ana: Person, since: int) -> None:
    """Only from a revision that there has been, or from the beginning."""
    ended = Stream(ana, ana.event().id, since).end()
    assert (ended.code, ended.reason) == ("INVALID_ARGUMENT", "REVISION_OUT_OF_RANGE")
    assert list(ended.fields) == ["since_revision"]
