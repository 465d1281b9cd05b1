"""Watching an event over REST, in each form that a stream has."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx
import pytest

from tests.rest.client import Rest, failure_in_json
from tests.rest.messages import ARRAY, NDJSON, SSE, StreamEndedError
from tests.rest.steps import new_event, spend

FORMS = pytest.mark.parametrize("accept", [ARRAY, NDJSON, SSE])


def revisions(messages: Iterator[Any], count: int) -> list[str]:
    """Those of so many messages, as soon as they are there."""
    return [message["revision"] for message in islice(messages, count)]


@FORMS
def test_stream_gets_what_was_and_what_comes(ana: Rest, accept: str) -> None:
    """First the history from after a revision, then each change when it is made; as ListChanges has it."""
    path, (mine, _) = new_event(ana, "Bo")
    since = [("sinceRevision", "1")]
    with ana.stream(f"{path}:watch", accept=accept, query=since) as stream:
        assert stream.head.headers["content-type"] == accept
        assert stream.head.headers["cache-control"] == "no-store"
        assert revisions(stream.messages, 1) == ["2"]
        changes = []
        for number in (3, 4):
            made = spend(ana, path, mine, f"{number}.00", notes="one\nand\r\ntwo\u2028three")
            [change] = islice(stream.messages, 1)
            assert (change["revision"], change["after"]["expense"]) == (str(number), made)
            changes.append(change)
    listed = ana.get(f"{path}/changes", sinceRevision="3").ok["changes"]
    assert listed == changes[1:]


@FORMS
def test_stream_of_who_is_removed_ends_with_the_reason(ana: Rest, bo: Rest, accept: str) -> None:
    """It says NOT_FOUND; an array cannot, and breaks off rather than look complete."""
    path, (_, guest) = new_event(ana, "Bo")
    link = ana.post(f"{path}/invitations", {}).ok["token"]
    bo.post(f"/v1/invitations/{link}:accept", {"memberId": guest})
    with bo.stream(f"{path}:watch", accept=accept) as stream:
        assert revisions(stream.messages, 4) == ["1", "2", "3", "4"]
        ana.delete(f"{path}/members/{guest}")
        with pytest.raises((StreamEndedError, httpx.RemoteProtocolError)) as ended:
            list(stream.messages)
    if accept == ARRAY:
        assert isinstance(ended.value, httpx.RemoteProtocolError)
    else:
        assert isinstance(ended.value, StreamEndedError)
        failed = failure_in_json(ended.value.status)
        assert (failed.code, failed.reason) == ("NOT_FOUND", "EVENT_NOT_FOUND")


@FORMS
def test_stream_that_may_not_begin_is_an_error_with_its_status(bo: Rest, accept: str) -> None:
    """The status waits for the first message: a stranger gets 404 and a JSON body, in whatever form."""
    with bo.stream("/v1/events/evt_01m82xvzrxef69kx02yh9gxa07:watch", accept=accept) as stream:
        assert stream.head.status == 404
        assert stream.head.failure.reason == "EVENT_NOT_FOUND"


def test_head_of_a_stream_ends_with_its_headers(ana: Rest) -> None:
    """Nobody waits for messages that HEAD does not send: the connection is free for the next request."""
    path, _ = new_event(ana)
    assert ana.request("HEAD", f"{path}:watch").status == 200
    assert ana.get(path).ok["revision"] == "1"
