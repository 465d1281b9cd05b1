"""Every malformed request is refused with a code, a reason, a field and a sentence; nothing is written."""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from howmuch.v1 import event_service_pb2, user_service_pb2
from tests.service.api import Api, failure
from tests.service.bad_input import BASE, WITH_REQUEST, Case, World, make_world
from tests.service.bad_input_events import EVENTS
from tests.service.bad_input_expenses import OTHERS, PLAIN
from tests.service.bad_input_ids import IDS
from tests.service.bad_input_overview import OVERVIEW
from tests.service.bad_input_splits import PAYMENTS, SPLITS
from tests.service.bad_input_users import USERS

CASES = [*USERS, *IDS, *EVENTS, *PLAIN, *PAYMENTS, *SPLITS, *OTHERS, *OVERVIEW]
# Words of the inside, which no caller is to see.
INSIDE = re.compile(
    r"Traceback|psycopg|sqlite|SELECT |INSERT |UPDATE |sqlalchemy|\.py|Error\(", re.IGNORECASE
)


@pytest.fixture(scope="module")
def world(api: Api) -> World:
    """What all requests that are refused are sent to: none of them changes it."""
    return make_world(api)


@pytest.fixture(scope="module")
def before(world: World) -> object:
    """The state of that world."""
    return state(world)


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


@pytest.mark.sliced(elsewhere=lambda case: case.code != "INVALID_ARGUMENT")
@pytest.mark.parametrize(
    "case", CASES, ids=[f"{number}-{case.rpc}-{case.reason}" for number, case in enumerate(CASES)]
)
def test_malformed_request_is_refused(world: World, before: object, case: Case) -> None:
    """Code, reason, field and text are as the table has them, and the event is as it was."""
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


RTL_AND_EMOJI = "مرحبا 👩‍👩‍👧 ñ\u0301"
# Values at the edge of what their rule allows.
ACCEPTED_VALUES: tuple[tuple[str, str, tuple[Any, ...], dict[str, Any]], ...] = (
    ("CreateEvent", "event.name", ("a" * 200, RTL_AND_EMOJI, "👩" * 200, " a "), {}),
    ("CreateEvent", "event.description", ("a" * 10_000, "a\n\tb\r\n", RTL_AND_EMOJI), {}),
    ("AddMember", "weight", (0, 1, 1_000_000), {}),
    ("AddMember", "email", ("guest@example.com", "Uni@exämple.com", "a" * 64 + "@b.de"), {}),
    ("CreateInvitation", "max_uses", (1, 1_000), {}),
    ("CreateInvitation", "ttl", ({"nanos": 1_000}, {"seconds": 7_776_000}), {}),
    ("UpdateMe", "user.locale", ("en", "pt-BR", "zh-Hant-TW"), {}),
    ("UpdateMe", "user.time_zone", ("UTC", "America/Argentina/Buenos_Aires"), {}),
    ("CreateExpense", "expense.reason", ("a" * 1_000, RTL_AND_EMOJI), {}),
    ("CreateExpense", "expense.category", ("", "a" * 100), {}),
    ("CreateExpense", "expense.notes", ("a" * 10_000, "a\nb"), {}),
    ("CreateExpense", "expense.date", ("1900-01-01", "2199-12-31", "2024-02-29"), {}),
    ("CreateExpense", "expense.amount", ("0.01", "00010", "10.3", "99999999999.99"), {}),
    (
        "CreateExpense",
        "expense.amount",
        ("1", "9999999999999"),
        {"expense.currency_code": "JPY"},
    ),
    ("CreateExpense", "expense.amount", ("0.001",), {"expense.currency_code": "KWD"}),
    ("CreateExpense", "expense.split", ({}, {"equal": {}}), {}),
    ("CreateExpense", "expense.kind", (0, 1, 3), {}),
    (
        "CreateExpense",
        "expense.split.weights.parts",
        (
            [{"member_id": "$bo"}],
            [{"member_id": "$bo", "weight": 1_000_000}, {"member_id": "$cy", "weight": 1}],
        ),
        {},
    ),
    ("ListExpenses", "page_size", (0, 1, 500, 501, 2**31 - 1), {}),
    ("ListExpenses", "order_by", ("date", " date  desc ", "create_time"), {}),
    ("ListExpenses", "text", ("a" * 200, "100%", "a_b\\"), {}),
    ("ListChanges", "since_revision", (0, 1), {}),
    ("UpdateEvent", "update_mask.paths", (["name", "name"], ["etag"], []), {}),
    ("UpdateEvent", "update_mask.paths", (["*"],), {"event.currency_code": "EUR"}),
)
ACCEPTED = [
    (rpc, {path: value, **also}) for rpc, path, values, also in ACCEPTED_VALUES for value in values
]


@pytest.fixture(scope="module")
def spare(api: Api) -> World:
    """A world for requests that are accepted."""
    return make_world(api)


@pytest.mark.parametrize(
    ("rpc", "change"), ACCEPTED, ids=[f"{n}-{rpc}" for n, (rpc, _) in enumerate(ACCEPTED)]
)
def test_value_at_the_edge_is_accepted(spare: World, rpc: str, change: Mapping[str, Any]) -> None:
    """What a rule just allows is taken."""
    spare.send(rpc, spare.request(rpc, change))


@pytest.mark.parametrize("key", ["a", "~" * 255])
def test_idempotency_key_at_the_edge_is_accepted(spare: World, key: str) -> None:
    """Keys of 1 to 255 visible characters are taken, and repeat the answer."""
    request, headers = spare.request("CreateEvent"), (("idempotency-key", key),)
    first = spare.send("CreateEvent", request, metadata=headers)
    assert spare.send("CreateEvent", request, metadata=headers) == first


def test_requests_that_cases_change_are_accepted(api: Api) -> None:
    """What the cases change one field of is in order: it is that field that is refused."""
    shared = make_world(api)
    for rpc in BASE:
        # These end sessions and links that other methods need.
        ending = rpc in {
            *("ChangePassword", "ResetPassword", "DeleteMe"),
            *("ConfirmEmailChange", "UndoEmailChange"),
        }
        world = make_world(api) if ending else shared
        caller = "stranger" if rpc == "AcceptInvitation" else "ana"
        world.send(rpc, world.request(rpc), caller)
