"""Pages are capped by bytes: each list fits into the four megabytes that clients take by default."""

from collections.abc import Callable
from typing import Any

import pytest

from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person

LISTS: dict[str, Callable[[Person, str, str, str], Any]] = {
    "expenses": lambda ana, event_id, _, token: ana.expenses.ListExpenses(
        xs.ListExpensesRequest(event_id=event_id, page_size=500, page_token=token)
    ),
    "versions": lambda ana, event_id, expense_id, token: ana.expenses.ListExpenseVersions(
        xs.ListExpenseVersionsRequest(
            event_id=event_id, expense_id=expense_id, page_size=500, page_token=token
        )
    ),
    "changes": lambda ana, event_id, _, token: ana.events.ListChanges(
        es.ListChangesRequest(event_id=event_id, page_size=500, page_token=token)
    ),
    "members": lambda ana, event_id, _, token: ana.events.ListMembers(
        es.ListMembersRequest(event_id=event_id, page_size=500, page_token=token)
    ),
    "events": lambda ana, _event_id, _expense_id, token: ana.events.ListEvents(
        es.ListEventsRequest(page_size=500, page_token=token)
    ),
}
MOST_BYTES = 900


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 900 bytes."""
    for name in ("howmuch.rpc.pages", "howmuch.rpc.expense_page_cache"):
        monkeypatch.setattr(f"{name}.MOST_PAGE_BYTES", MOST_BYTES)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", LISTS)
def test_page_ends_early_where_it_would_be_too_large(api: Api, kind: str) -> None:
    """The pages together have everything once, in the order of one large page."""
    ana = api.person()
    event = ana.event(description="d" * 900)
    for number in range(5):
        ana.event(name=f"Event {number}", description="d" * 900)
        ana.guest(event.id, f"Guest {number} {'g' * 80}")
    made = [
        ana.spend(event.id, event.member_id, "12.00", event.member_id, notes=str(number) * 900)
        for number in range(5)
    ]
    changed = made[0]
    for number in range(4):
        changed.notes = str(number) * 800
        changed = ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))
    token, found, answers = "", [], 0
    while True:
        answer = LISTS[kind](ana, event.id, made[0].id, token)
        elements = getattr(answer, kind)
        assert len(elements) == 1 or answer.ByteSize() < MOST_BYTES + 100
        found += elements
        answers += 1
        token = answer.next_page_token
        if not token:
            break
    assert answers > 1
    ids = [each.revision if kind == "changes" else each.SerializeToString() for each in found]
    assert len(set(ids)) == len(ids) == {"changes": 15, "members": 6, "events": 6}.get(kind, 5)


def test_page_of_the_largest_expenses_reaches_the_client(api: Api) -> None:
    """It fits into the messages of a client that sets no size; the next page has the rest."""
    ana = api.person()
    event = ana.event()
    expense = expense_pb2.Expense(
        reason="Dinner",
        date="2026-11-22",
        amount="12.00",
        notes="\N{GRINNING FACE}" * 10_000,
        payments=[expense_pb2.Payment(member_id=event.member_id)],
        split=expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[event.member_id])),
    )
    for _ in range(2):
        ana.expenses.BatchCreateExpenses(
            xs.BatchCreateExpensesRequest(event_id=event.id, expenses=[expense] * 60)
        )
    request = xs.ListExpensesRequest(event_id=event.id, page_size=500)
    first = ana.expenses.ListExpenses(request)
    request.page_token = first.next_page_token
    second = ana.expenses.ListExpenses(request)
    assert len(first.expenses) + len(second.expenses) == 120
    assert not second.next_page_token
