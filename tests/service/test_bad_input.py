"""Every malformed request is refused with a code, a reason, a field and a sentence; nothing is written."""

import re
from collections import Counter

import pytest
from howmuch.v1 import event_service_pb2, user_service_pb2

from tests.service.api import Api, failure
from tests.service.bad_input import BASE, WITH_REQUEST, Case, World, make_world
from tests.service.bad_input_events import EVENTS
from tests.service.bad_input_expenses import OTHERS, PAYMENTS, PLAIN, SPLITS
from tests.service.bad_input_ids import IDS
from tests.service.bad_input_users import USERS

CASES = [*USERS, *IDS, *EVENTS, *PLAIN, *PAYMENTS, *SPLITS, *OTHERS]
# Words of the inside, which no caller is to see.
INSIDE = re.compile(
    r"Traceback|psycopg|sqlite|SELECT |INSERT |UPDATE |sqlalchemy|\.py|Error\(", re.IGNORECASE
)


@pytest.fixture(scope="module")
def world(api: Api) -> World:
    """What all requests that are refused are sent to: none of them changes it."""
    return make_world(api)


def state(world: World) -> object:
    """What a refused request could have changed."""
    ana = world.people["ana"]
    event = ana.events.GetEvent(event_service_pb2.GetEventRequest(event_id=world.names["event"]))
    return event, ana.users.GetMe(user_service_pb2.GetMeRequest())


def test_table_covers_every_method() -> None:
    """Each method with a request has a request that is accepted and at least two that are refused."""
    assert set(BASE) == WITH_REQUEST
    counts = Counter(case.rpc for case in CASES)
    assert all(counts[rpc] >= 2 for rpc in WITH_REQUEST), counts
    assert len(CASES) >= 150


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case.rpc}-{case.reason}" for number, case in enumerate(CASES)]
)
def test_malformed_request_is_refused(world: World, case: Case) -> None:
    """Code, reason, field and text are as the table has them, and the event is as it was."""
    before = state(world)
    request = world.request(case.rpc, case.change)
    seen = failure(lambda: world.send(case.rpc, request, case.caller, metadata=case.headers))
    assert (seen.code, seen.reason) == (case.code, case.reason), seen
    if case.field:
        assert list(seen.fields) == [case.field]
        assert case.text in seen.fields[case.field]
        assert seen.message == f"{case.field}: {seen.fields[case.field]}"
    else:
        assert case.text in seen.message
    assert seen.message.endswith("."), seen.message
    assert not INSIDE.search(seen.message), seen.message
    assert len(seen.message) < 700
    assert state(world) == before
