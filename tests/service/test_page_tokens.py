"""A page token is good for the list that it came from, and for no other."""

from collections.abc import Callable
from typing import Any

import pytest

from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, failure
from tests.service.lists import LISTS
from tests.service.world import World

CHANGED = ("INVALID_ARGUMENT", "PAGE_TOKEN_OF_OTHER_QUERY")
MALFORMED = ("INVALID_ARGUMENT", "PAGE_TOKEN_MALFORMED")

Ask = Callable[[Any], Any]


def ask(world: World, name: str, **fields: Any) -> Any:
    """Asks for one row of a list, in that world, as its owner."""
    service, request = LISTS[name][2](world)
    request.page_size = 1
    for field, value in fields.items():
        setattr(request, field, value)
    return getattr(getattr(world.owner, service), name)(request)


def first_token(world: World, name: str) -> str:
    LISTS[name][0](world)
    token: str = ask(world, name).next_page_token
    assert token
    return token


def refusal(world: World, name: str, token: str, **fields: Any) -> tuple[str, str]:
    failed = failure(lambda: ask(world, name, page_token=token, **fields))
    assert list(failed.fields) == ["page_token"]
    return failed.code, failed.reason


OF_ALL_EVENTS = {"ListSessions", "ListEvents", "SearchEvents", "GetMyOverview", "ListMyChanges"}
OF_ONE_EVENT = [name for name in LISTS if name not in OF_ALL_EVENTS]


@pytest.mark.parametrize("name", OF_ONE_EVENT)
def test_token_of_another_event_is_refused(api: Api, name: str) -> None:
    """The caller may see both events, and the token still belongs to one."""
    world = World(api)
    token = first_token(world, name)
    elsewhere = World(api, world.owner)
    LISTS[name][0](elsewhere)
    assert refusal(elsewhere, name, token) == CHANGED
    assert ask(world, name, page_token=token)


@pytest.mark.parametrize("name", ["GetMyOverview", "ListMyChanges"])
def test_token_of_another_caller_is_refused(api: Api, name: str) -> None:
    """A token holds keys of the events of one user."""
    world, other = World(api), World(api)
    token = first_token(world, name)
    assert refusal(other, name, token) == CHANGED


def test_token_of_another_expense_is_refused(api: Api) -> None:
    """Versions of two expenses of one event are two lists."""
    world = World(api)
    token = first_token(world, "ListExpenseVersions")
    other = world.owner.spend(world.event_id, world.event.member_id, "1.00")
    given = {"expense_id": other.id}
    assert refusal(world, "ListExpenseVersions", token, **given) == CHANGED


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ListEvents", {"show_deleted": True}),
        ("ListEvents", {"show_archived": True}),
        ("SearchEvents", {"text": "Lisbon"}),
        ("ListMembers", {"show_inactive": True}),
        ("ListChanges", {"since_revision": 1}),
        ("ListChanges", {"order_by": "revision desc"}),
        ("ListExpenses", {"order_by": "date"}),
        ("ListExpenses", {"member_id": "payer"}),
        ("ListExpenses", {"to_date": "2027-01-01"}),
        ("ListExpenses", {"payer_member_id": "payer"}),
        ("ListExpenses", {"beneficiary_member_id": "payer"}),
        ("ListExpenses", {"currency_code": "EUR"}),
        ("ListExpenses", {"min_amount": "0"}),
        ("ListExpenses", {"max_amount": "9"}),
        ("ListExpenses", {"only_deleted": True}),
    ],
)
def test_token_of_another_filter_is_refused(api: Api, name: str, fields: dict[str, Any]) -> None:
    """What filters or orders the rows may not change between two pages."""
    world = World(api)
    token = first_token(world, name)
    fields = {
        field: world.event.member_id if value == "payer" else value
        for field, value in fields.items()
    }
    assert refusal(world, name, token, **fields) == CHANGED


def test_token_of_another_list_is_refused(api: Api) -> None:
    """Each list refuses the tokens of all others, of the same event."""
    world = World(api)
    tokens = {name: first_token(world, name) for name in LISTS}
    for name in LISTS:
        for other, token in tokens.items():
            if other != name:
                assert refusal(world, name, token) in (CHANGED, MALFORMED), (name, other)


def test_requests_of_lists_have_no_other_fields() -> None:
    """A new field that filters or orders belongs into the token, and into a case above."""
    known = {
        "ListEvents": {"show_deleted", "show_archived"},
        "ListMembers": {"show_inactive"},
        "ListChanges": {"since_revision", "order_by"},
        "ListInvitations": set[str](),
        "ListExpenses": {"order_by", "member_id", "category", "from_date", "to_date", "text"}
        | {"kind", "show_deleted", "payer_member_id", "beneficiary_member_id", "currency_code"}
        | {"min_amount", "max_amount", "only_deleted"},
        "ListExpenseVersions": {"expense_id"},
        "ListComments": {"expense_id"},
        "SearchEvents": {"text"},
    }
    for name, filters in known.items():
        request = getattr(xs, f"{name}Request", None) or getattr(es, f"{name}Request")
        fields = {field.name for field in request.DESCRIPTOR.fields}
        assert fields - {"event_id", "page_size", "page_token"} == filters, name
