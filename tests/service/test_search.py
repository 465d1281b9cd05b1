"""The search for expenses: texts without case and accents, and filters by money and people."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from howmuch.storage.tables import expenses
from howmuch.usecases.search_texts import fold_stale_texts
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure

Ask = Callable[..., str]


@pytest.fixture
def ask(ana: Person) -> Ask:
    """The notes of the expenses that a search finds: a letter each, in the order of creation."""
    event = ana.event()
    bo, cy = (ana.guest(event.id, name).id for name in ("Bo", "Cy"))
    me = event.member_id
    several = [expense_pb2.Payment(member_id=m, amount="10.00") for m in (me, bo)]
    for letter, reason, payer, amount, others, fields in (
        ("a", "Parc G\u00fcell", me, "12.50", (bo,), {"category": "Caf\u00e9"}),
        ("b", "Parc Gu\u0308ell", bo, "20.00", (bo, cy), {"category": "CAFE\u0301"}),
        ("c", "Hauptstraße 5", me, "20.00", (me, cy), {"payments": several}),
        ("d", "İstanbul Isparta", cy, "0.99", (me,), {"currency_code": "USD"}),
        ("e", "Øl in Łódź 100%_", cy, "1500", (me,), {"currency_code": "JPY"}),
    ):
        ana.spend(event.id, payer, amount, *others, **{"reason": reason, "notes": letter, **fields})
    gone = ana.spend(event.id, me, "3.00", me, reason="Gone", notes="f")
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event.id, expense_id=gone.id))
    names = {"me": me, "bo": bo, "cy": cy}

    def find(**query: Any) -> str:
        query = {name: names.get(value, value) for name, value in query.items()}
        query = {"event_id": event.id, "order_by": "create_time", **query}
        found = ana.expenses.ListExpenses(xs.ListExpensesRequest(**query)).expenses
        return "".join(expense.notes for expense in found)

    return find


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "guell"}, "ab"),
        ({"text": "GU\u0308ELL"}, "ab"),
        ({"text": "güell"}, "ab"),
        ({"text": "strasse"}, "c"),
        ({"text": "STRASSE"}, "c"),
        ({"text": "istanbul"}, "d"),
        ({"text": "ısparta"}, "d"),
        ({"text": "lodz"}, "e"),
        ({"text": "ol in"}, "e"),
        ({"text": "100%_"}, "e"),
        ({"text": "1_0"}, ""),
        ({"category": "cafe"}, "ab"),
        ({"category": "caf"}, ""),
        ({"payer_member_id": "me"}, "ac"),
        ({"payer_member_id": "bo"}, "bc"),
        ({"beneficiary_member_id": "cy"}, "bc"),
        ({"payer_member_id": "bo", "beneficiary_member_id": "bo"}, "b"),
        ({"min_amount": "12.50"}, "abc"),
        ({"max_amount": "12.50"}, "a"),
        ({"min_amount": "12.51", "max_amount": "20"}, "bc"),
        ({"min_amount": "0"}, "abc"),
        ({"currency_code": "USD"}, "d"),
        ({"currency_code": "JPY", "max_amount": "1500"}, "e"),
        ({"only_deleted": True}, "f"),
        ({"only_deleted": True, "show_deleted": True, "text": "gone"}, "f"),
    ],
    ids=str,
)
def test_search_finds(ask: Ask, query: dict[str, Any], found: str) -> None:
    """Neither case, nor accents, nor the normal form matter; amounts are of one currency."""
    assert ask(**query) == found


@pytest.mark.parametrize(
    ("query", "reason", "field"),
    [
        ({"min_amount": "x"}, "AMOUNT_MALFORMED", "min_amount"),
        ({"max_amount": "-1"}, "AMOUNT_NEGATIVE", "max_amount"),
        ({"min_amount": "2", "max_amount": "1.99"}, "AMOUNTS_REVERSED", "max_amount"),
        ({"min_amount": "0.5", "currency_code": "JPY"}, "AMOUNT_TOO_PRECISE", "min_amount"),
        ({"currency_code": "XXZ"}, "CURRENCY_UNKNOWN", "currency_code"),
        ({"payer_member_id": "exp_1"}, "ID_MALFORMED", "payer_member_id"),
        ({"beneficiary_member_id": "x"}, "ID_MALFORMED", "beneficiary_member_id"),
    ],
    ids=str,
)
def test_filter_that_is_wrong_is_refused(
    ask: Ask, query: dict[str, str], reason: str, field: str
) -> None:
    """The error names the field."""
    failed = failure(ask, **query)
    assert (failed.code, failed.reason, list(failed.fields)) == (
        "INVALID_ARGUMENT",
        reason,
        [field],
    )


def test_page_token_is_of_its_filters(ana: Person, ask: Ask) -> None:
    """A later filter is part of the token if it is set."""
    event = ana.event()
    for _ in range(3):
        ana.spend(event.id, event.member_id, "2.00", event.member_id)
    request = xs.ListExpensesRequest(event_id=event.id, page_size=1, min_amount="0")
    request.page_token = ana.expenses.ListExpenses(request).next_page_token
    assert len(ana.expenses.ListExpenses(request).expenses) == 1
    request.min_amount = ""
    assert failure(ana.expenses.ListExpenses, request).reason == "PAGE_TOKEN_OF_OTHER_QUERY"


@pytest.mark.parametrize("stale", [{"search_version": None, "search_text": None}, {"version": 2}])
def test_row_of_an_earlier_program_is_found_and_folded(
    api: Api, ana: Person, stale: dict[str, Any]
) -> None:
    """By its plain texts at first, never by a folded text that is out of date; then by the folded one."""
    event = ana.event()
    made = ana.spend(event.id, event.member_id, "2.00", event.member_id, reason="Güell")
    with api.database.begin() as connection:
        connection.execute(
            update(expenses).where(expenses.c.id == made.id).values(reason="Neuköln", **stale)
        )

    def count(text: str) -> int:
        # Each time with another date, so that no answer is remembered.
        request = xs.ListExpensesRequest(event_id=event.id, text=text)
        return len(ana.expenses.ListExpenses(request).expenses)

    assert [count(text) for text in ("NEUK", "guell")] == [1, 0]
    with api.database.begin() as connection:
        while fold_stale_texts(connection):
            pass
        row = connection.execute(select(expenses).where(expenses.c.id == made.id)).one()
    assert (row.search_text, row.search_version) == ("neukoln\n", row.version)
    assert [count(text) for text in ("neukoln ", "guell  ")] == [1, 0]
