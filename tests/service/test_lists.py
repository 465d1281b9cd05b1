"""Lists: pages, filters, orders."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure
from tests.service.lists import LISTS, fill_expenses
from tests.service.requests import METHODS, name_of
from tests.service.world import World

INCOME, TRANSFER = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER


def test_every_list_is_here() -> None:
    """A new list is walked by the tests below, or this fails."""
    paged = (
        method
        for method in METHODS.values()
        if "page_token" in method.request.DESCRIPTOR.fields_by_name
    )
    assert set(map(name_of, paged)) == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_walking_the_pages(api: Api, name: str) -> None:
    """Pages of any size show each row once and in one order; more than 500 reads as 500."""
    fill, rows, make = LISTS[name]
    world = World(api)
    service, request = make(world)
    fill(world)
    method = getattr(getattr(world.owner, service), name)
    whole = method(request)
    found = list(getattr(whole, rows))
    assert len(found) == 5
    assert whole.next_page_token == ""
    for size in (1, 2, 3, 5, 501):
        request.page_size, request.page_token = size, ""
        pages = [method(request)]
        while pages[-1].next_page_token:
            request.page_token = pages[-1].next_page_token
            pages.append(method(request))
        walked = [row for page in pages for row in getattr(page, rows)]
        assert walked == found
        assert len(pages) == math.ceil(5 / size)
        back = [pages[-1]]
        while back[-1].previous_page_token:
            request.page_token = back[-1].previous_page_token
            back.append(method(request))
        assert [getattr(page, rows) for page in back] == [
            getattr(page, rows) for page in pages[::-1]
        ]


@pytest.mark.parametrize(
    "other",
    [
        {"order_by": "date"},
        {"text": "x"},
        {"category": "x"},
        {"kind": INCOME},
        {"show_deleted": True},
        {"from_date": "2026-01-01"},
        {"event_id": "other"},
    ],
)
def test_token_of_another_query(api: Api, other: dict[str, Any]) -> None:
    """A token holds only with the fields it was given for; the size of a page may change."""
    world = World(api)
    fill_expenses(world)
    ask = world.owner.expenses.ListExpenses
    token = ask(xs.ListExpensesRequest(event_id=world.event_id, page_size=1)).next_page_token
    given = {"event_id": world.event_id, "page_token": token, **other}
    if other.get("event_id"):
        given["event_id"] = world.owner.event().id
    failed = failure(lambda: ask(xs.ListExpensesRequest(**given)))
    assert (failed.code, failed.reason) == ("INVALID_ARGUMENT", "PAGE_TOKEN_OF_OTHER_QUERY")
    assert list(failed.fields) == ["page_token"]
    rest = ask(xs.ListExpensesRequest(event_id=world.event_id, page_token=token))
    assert len(rest.expenses) == 4


@pytest.mark.parametrize("order", ["date desc", "date", "create_time desc", "create_time"])
def test_pages_lead_back_in_every_order(api: Api, order: str) -> None:
    """From the last page to the first, also after the rows at its edge were deleted."""
    world = World(api)
    fill_expenses(world)
    request = xs.ListExpensesRequest(event_id=world.event_id, page_size=2, order_by=order)
    pages = [world.owner.expenses.ListExpenses(request)]
    while pages[-1].next_page_token:
        request.page_token = pages[-1].next_page_token
        pages.append(world.owner.expenses.ListExpenses(request))
    gone = pages[-1].expenses[0]
    ids = {"event_id": world.event_id, "expense_id": gone.id}
    world.owner.expenses.DeleteExpense(xs.DeleteExpenseRequest(**ids))
    empty = world.owner.expenses.ListExpenses(request)
    assert not empty.expenses
    request.page_token = empty.previous_page_token
    back = world.owner.expenses.ListExpenses(request)
    assert back.expenses == pages[1].expenses
    request.page_token = back.previous_page_token
    first = world.owner.expenses.ListExpenses(request)
    assert (first.expenses, first.previous_page_token) == (pages[0].expenses, "")
    assert first.next_page_token == pages[0].next_page_token


def test_rows_that_come_between_pages_move_none(ana: Person) -> None:
    """What is added or deleted while somebody turns pages neither repeats nor hides other rows."""
    event = ana.event()
    made = [ana.spend(event.id, event.member_id, "1.00", reason=str(n)) for n in range(4)]
    request = xs.ListExpensesRequest(event_id=event.id, page_size=2)
    first = ana.expenses.ListExpenses(request)
    ana.spend(event.id, event.member_id, "1.00", reason="new")
    gone = {"event_id": event.id, "expense_id": made[2].id}
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(**gone))
    request.page_token = first.next_page_token
    second = ana.expenses.ListExpenses(request)
    assert [e.reason for e in (*first.expenses, *second.expenses)] == ["3", "2", "1", "0"]


@pytest.fixture
def listed(ana: Person) -> Callable[..., str]:
    """Names of what a query shows, of: a 30 Nov, b 20 Nov, c 20 Nov, d 10 Nov, e (deleted) 1 Dec."""
    event = ana.event()
    bo, cy = (ana.guest(event.id, name).id for name in ("Bo", "Cy"))
    mine = event.member_id
    members = {"mine": mine, "bo": bo, "cy": cy}
    made = [
        ana.spend(event.id, payer, "1.00", other, reason=reason, date=date, **fields)
        for reason, date, payer, other, fields in (
            ("a", "2026-11-30", mine, bo, {"category": "food", "notes": "50% off_season"}),
            ("b", "2026-11-20", bo, mine, {"kind": TRANSFER}),
            ("c", "2026-11-20", mine, mine, {"category": "Food", "notes": "CAFÉ Latte"}),
            ("d", "2026-11-10", cy, mine, {"kind": INCOME}),
            ("e", "2026-12-01", mine, mine, {}),
        )
    ]
    gone = xs.DeleteExpenseRequest(event_id=event.id, expense_id=made[-1].id)
    ana.expenses.DeleteExpense(gone)

    def ask(**query: Any) -> str:
        query["member_id"] = members.get(query.get("member_id", ""), "")
        request = xs.ListExpensesRequest(event_id=event.id, **query)
        return "".join(e.reason for e in ana.expenses.ListExpenses(request).expenses)

    return ask


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "acbd"),
        ({"order_by": "date desc"}, "acbd"),
        ({"order_by": "date"}, "dbca"),
        ({"order_by": "create_time desc"}, "dcba"),
        ({"order_by": "create_time"}, "abcd"),
        ({"order_by": " date   desc "}, "acbd"),
        ({"show_deleted": True}, "eacbd"),
        ({"member_id": "mine"}, "acbd"),
        ({"member_id": "bo"}, "ab"),
        ({"member_id": "cy"}, "d"),
        ({"category": "food"}, "ac"),
        ({"category": "FOOD"}, "ac"),
        ({"category": " FÓOD "}, "ac"),
        ({"category": "Repas"}, "ac"),
        ({"category": "foo"}, ""),
        ({"from_date": "2026-11-20"}, "acb"),
        ({"to_date": "2026-11-20"}, "cbd"),
        ({"from_date": "2026-11-20", "to_date": "2026-11-20"}, "cb"),
        ({"text": "latte"}, "c"),
        ({"text": "LATTE"}, "c"),
        ({"text": "A"}, "ac"),
        ({"text": "%"}, "a"),
        ({"text": "f_s"}, "a"),
        ({"text": "f%s"}, ""),
        ({"text": "café"}, "c"),
        ({"kind": expense_pb2.EXPENSE_KIND_EXPENSE}, "ac"),
        ({"kind": TRANSFER}, "b"),
        ({"kind": INCOME}, "d"),
        ({"member_id": "mine", "kind": TRANSFER, "from_date": "2026-11-11"}, "b"),
        ({"category": "food", "kind": INCOME}, ""),
    ],
    ids=str,
)
def test_filters_and_orders(
    listed: Callable[..., str], query: dict[str, Any], expected: str
) -> None:
    """Filters that are set must all hold; within a day the newest entry comes first, or last."""
    assert listed(**query) == expected
