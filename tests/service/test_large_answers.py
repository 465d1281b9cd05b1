"""Answers that are no pages have at most 3 MiB too: more is left out, or refused with a way out."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from howmuch.ledger.circles import OpenDebts
from howmuch.ledger.money import MAX_SUM_MINOR
from howmuch.ledger.settlement import Settlement, Transfer
from howmuch.model import Event
from howmuch.rpc.convert_ledger import balances_message, settlement_message, totals_message
from howmuch.rpc.pages import MOST_PAGE_BYTES
from howmuch.usecases import balances, totals
from howmuch.usecases.balances import MemberBalance
from howmuch.usecases.totals import Cost, Totals
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person, failure

READS: dict[str, Callable[..., Any]] = {
    "GetBalances": es.GetBalancesRequest,
    "GetSettlement": es.GetSettlementRequest,
    "GetTotals": es.GetTotalsRequest,
}
LONGEST_ID = "mbr_01m82xvzrxef69kx02yh9gxa07"
LARGEST = MemberBalance(LONGEST_ID, -MAX_SUM_MINOR, -MAX_SUM_MINOR, -MAX_SUM_MINOR)
DEBT = Transfer(LONGEST_ID, LONGEST_ID, MAX_SUM_MINOR)


def module_of(limit: str) -> ModuleType:
    """The module with MOST_<limit>."""
    return totals if limit in ("CATEGORIES", "MONTHS") else balances


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many rows as the event of `in_two_currencies` has in one of them."""
    for name, most in (("BALANCES", 2), ("DEBTS", 1), ("CATEGORIES", 1), ("MONTHS", 1)):
        monkeypatch.setattr(module_of(name), f"MOST_{name}", most)


def in_two_currencies(ana: Person) -> str:
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    for code in ("EUR", "USD"):
        ana.spend(event.id, event.member_id, "10.00", event.member_id, bo, currency_code=code)
    return event.id


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("name", READS)
def test_event_with_too_many_rows_is_read_by_currency(ana: Person, name: str) -> None:
    """The error names the field that helps, and each currency is answered as it would be among all."""
    event_id = in_two_currencies(ana)
    read = getattr(ana.events, name)
    refused = failure(read, READS[name](event_id=event_id))
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "CURRENCY_REQUIRED")
    assert set(refused.fields) == {"currency_code"}
    for code in ("EUR", "USD"):
        answer = read(READS[name](event_id=event_id, currency_code=code))
        [only] = answer.plans if name == "GetSettlement" else answer.currencies
        assert only.currency_code == code
    unknown = failure(read, READS[name](event_id=event_id, currency_code="eur"))
    assert (unknown.reason, set(unknown.fields)) == ("CURRENCY_UNKNOWN", {"currency_code"})


@pytest.mark.parametrize(
    ("name", "limit", "most"),
    [("GetSettlement", "BALANCES", 1), ("GetTotals", "CATEGORIES", 0), ("GetTotals", "MONTHS", 0)],
)
def test_currency_with_too_many_rows_is_refused(
    ana: Person, monkeypatch: pytest.MonkeyPatch, name: str, limit: str, most: int
) -> None:
    """No answer is cut without a word."""
    event_id = in_two_currencies(ana)
    monkeypatch.setattr(module_of(limit), f"MOST_{limit}", most)
    read = getattr(ana.events, name)
    refused = failure(read, READS[name](event_id=event_id, currency_code="EUR"))
    assert (refused.code, refused.reason) == ("FAILED_PRECONDITION", "ANSWER_TOO_LARGE")


def test_balances_leave_out_debts_without_room(
    ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer says so, and one currency has room for its debts."""
    event_id = in_two_currencies(ana)
    monkeypatch.setattr(balances, "MOST_DEBTS", 1)
    whole = ana.events.GetBalances(es.GetBalancesRequest(event_id=event_id))
    assert whole.debts_omitted
    assert [(len(each.members), len(each.debts)) for each in whole.currencies] == [(2, 0), (2, 0)]
    euro = ana.events.GetBalances(es.GetBalancesRequest(event_id=event_id, currency_code="EUR"))
    assert not euro.debts_omitted
    assert len(euro.currencies[0].debts) == 1


def test_largest_answers_have_room() -> None:
    """As many rows as may be, each as large as can be."""
    event: Any = Event.__new__(Event)
    for name, value in (("id", "evt"), ("revision", 2**62)):
        object.__setattr__(event, name, value)
    rows = [LARGEST] * balances.MOST_BALANCES
    costs = [Cost("\N{GRINNING FACE}" * 100, -MAX_SUM_MINOR)] * totals.MOST_CATEGORIES
    months = [Cost("2026-11", -MAX_SUM_MINOR)] * totals.MOST_MONTHS
    plan = Settlement(
        transfers=(DEBT,) * balances.MOST_BALANCES,
        groups=((LONGEST_ID,),) * balances.MOST_BALANCES,
        proven_minimal=True,
        lower_bound=1,
    )
    with_debts = {"EUR": OpenDebts((DEBT,) * balances.MOST_DEBTS, ())}
    for largest in (
        balances_message(event, {"EUR": rows}, {}),
        balances_message(event, {"EUR": rows}, with_debts),
        balances_message(event, {"EUR": []}, with_debts),
        settlement_message(event, {"EUR": plan}),
        totals_message(event, {"EUR": Totals(rows, costs, months)}),
    ):
        assert MOST_PAGE_BYTES * 0.8 < largest.ByteSize() <= MOST_PAGE_BYTES


def test_batch_with_a_response_too_large_is_refused(api: Api) -> None:
    """Nothing is written: its caller could not read the response."""
    ana = api.person()
    event = ana.event()
    expense = expense_pb2.Expense(
        reason="Dinner",
        date="2026-11-22",
        amount="12.00",
        notes="\N{GRINNING FACE}" * 10_000,
        payments=[expense_pb2.Payment(member_id=event.member_id)],
    )
    batch = xs.BatchCreateExpensesRequest(event_id=event.id, expenses=[expense] * 90)
    refused = failure(ana.expenses.BatchCreateExpenses, batch)
    assert (refused.code, refused.reason) == ("INVALID_ARGUMENT", "BATCH_TOO_LARGE")
    assert ana.revision(event.id) == event.revision
    del batch.expenses[75:]
    assert len(ana.expenses.BatchCreateExpenses(batch).expenses) == 75
