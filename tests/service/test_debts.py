"""Debts without circles, and what makes a debt."""

from decimal import Decimal
from typing import Any

import pytest

from howmuch.usecases import debt_explanation
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Person, failure

TRANSFER = expense_pb2.EXPENSE_KIND_TRANSFER


class Group:
    """An event of Ana's with Bo and Cy."""

    def __init__(self, ana: Person) -> None:
        self.ana = ana
        self.event = ana.event()
        self.a = self.event.member_id
        self.b, self.c = (ana.guest(self.event.id, name).id for name in ("Bo", "Cy"))

    def circle(self, minor: str = "10.00") -> None:
        """Debts in a circle: B to A, C to B, and A to C."""
        for payer, sharer in ((self.a, self.b), (self.b, self.c), (self.c, self.a)):
            self.ana.spend(self.event.id, payer, minor, sharer)

    def balances(self) -> event_pb2.Balances:
        return self.ana.events.GetBalances(es.GetBalancesRequest(event_id=self.event.id))

    def debts(self, currency: int = 0) -> set[tuple[str, str, str]]:
        """Debtor, creditor and amount of each debt."""
        debts = self.balances().currencies[currency].debts
        return {(d.from_member_id, d.to_member_id, d.amount) for d in debts}

    def explain(self, debtor: str, creditor: str, **fields: Any) -> event_pb2.DebtExplanation:
        request = es.ExplainDebtRequest(
            event_id=self.event.id, from_member_id=debtor, to_member_id=creditor, **fields
        )
        return self.ana.events.ExplainDebt(request)


@pytest.fixture
def group(ana: Person) -> Group:
    return Group(ana)


def test_no_debts_after_all_payments_of_the_plan(group: Group) -> None:
    """The payments are between members who owed each other nothing: they closed a circle."""
    ana, event_id = group.ana, group.event.id
    ana.spend(event_id, group.a, "10.00", group.b)
    ana.spend(event_id, group.b, "10.00", group.c)
    for plan in ana.events.GetSettlement(es.GetSettlementRequest(event_id=event_id)).plans:
        for debt in plan.transfers:
            ana.spend(event_id, debt.from_member_id, debt.amount, debt.to_member_id, kind=TRANSFER)
    assert set(ana.nets(event_id).values()) == {"0.00"}
    assert group.debts() == set()


def test_circles_are_cancelled_in_each_currency_alone(group: Group) -> None:
    """A debt in another currency closes no circle."""
    group.circle()
    group.ana.spend(group.event.id, group.a, "3.00", group.b)
    group.ana.spend(group.event.id, group.b, "700", group.c, currency_code="JPY")
    assert group.debts() == {(group.b, group.a, "3.00")}
    assert group.debts(1) == {(group.c, group.b, "700")}


def test_explanation_sums_to_the_debt(group: Group) -> None:
    """Expenses and payments, signed, minus the circles; the other way round all signs are opposite."""
    group.circle("4.00")
    ana, event_id = group.ana, group.event.id
    ana.spend(event_id, group.a, "9.99", group.a, group.b, group.c, date="2026-11-23", reason="Tea")
    ana.spend(event_id, group.b, "1.00", group.a, kind=TRANSFER, date="2026-11-24")
    gone = ana.spend(event_id, group.a, "50.00", group.b)
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event_id, expense_id=gone.id))
    ana.spend(event_id, group.a, "700", group.b, currency_code="JPY")
    found = group.explain(group.b, group.a)
    assert (found.revision, len(found.debts)) == (ana.revision(event_id), 2)
    entries = [(e.reason, e.amount) for e in found.entries if e.currency_code == "EUR"]
    assert sorted(entries) == [("Dinner", "-1.00"), ("Dinner", "4.00"), ("Tea", "3.33")]
    euro = found.debts[0]
    assert (euro.incurred, euro.amount, euro.further_circles) == ("6.33", "5.66", "0.00")
    assert [(set(c.member_ids), c.amount) for c in euro.circles] == [
        ({group.a, group.b, group.c}, "0.67")
    ]
    assert (group.b, group.a, "5.66") in group.debts()
    turned = group.explain(group.a, group.b).debts[0]
    assert (turned.incurred, turned.amount) == ("-6.33", "-5.66")
    assert [c.amount for c in turned.circles] == ["-0.67"]
    only_yen = group.explain(group.b, group.a, currency_code="JPY")
    assert [d.amount for d in only_yen.debts] == [e.amount for e in only_yen.entries] == ["700"]


@pytest.mark.parametrize("most_pairs", [20_000, 3])
def test_pages_of_an_explanation_sum_up(
    group: Group, most_pairs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page has the debts, and each entry is on one page, also if a page ends early."""
    monkeypatch.setattr(debt_explanation, "_MOST_PAIRS", most_pairs)
    for number in range(1, 8):
        paid = (group.a, group.b)[number % 2]
        group.ana.spend(group.event.id, paid, f"{number}.01", group.a, group.b, reason=str(number))
    seen: list[event_pb2.DebtEntry] = []
    token = ""
    while True:
        page = group.explain(group.a, group.b, page_size=3, page_token=token)
        seen += page.entries
        token = page.next_page_token
        if not token:
            break
    assert sorted(entry.reason for entry in seen) == [str(number) for number in range(1, 8)]
    total = sum(Decimal(entry.amount) for entry in seen)
    assert total == Decimal(page.debts[0].incurred) == Decimal(page.debts[0].amount)


@pytest.mark.parametrize(
    ("debtor", "creditor", "field", "reason"),
    [
        ("a", "a", "to_member_id", "DEBT_TO_SELF"),
        ("mbr_01m82xvzrxef69kx02yh9gxa07", "a", "from_member_id", "MEMBER_UNKNOWN"),
        ("a", "Bo", "to_member_id", "ID_MALFORMED"),
        ("", "a", "from_member_id", "ID_REQUIRED"),
    ],
)
def test_debt_of_nobody_is_refused(
    group: Group, debtor: str, creditor: str, field: str, reason: str
) -> None:
    """Two members of the event are needed; they may have left."""
    ids = {"a": group.a}
    error = failure(group.explain, ids.get(debtor, debtor), ids.get(creditor, creditor))
    assert (error.reason, list(error.fields)) == (reason, [field])


def test_whole_balance_is_explained(group: Group) -> None:
    """Without a creditor: all that a member owes, and is owed, sums to the balance."""
    group.circle("4.00")
    group.ana.spend(group.event.id, group.a, "9.00", group.a, group.b, group.c, reason="Tea")
    group.ana.spend(group.event.id, group.b, "700", group.c, currency_code="JPY")
    found = group.explain(group.b, "")
    assert [(d.currency_code, d.amount, d.incurred) for d in found.debts] == [
        ("EUR", "3.00", "3.00"),
        ("JPY", "-700", "-700"),
    ]
    assert sorted(entry.amount for entry in found.entries) == ["-4.00", "-700", "3.00", "4.00"]


def test_nothing_to_explain(group: Group) -> None:
    """Members who never owed each other anything."""
    found = group.explain(group.a, group.b)
    assert (list(found.debts), list(found.entries), found.next_page_token) == ([], [], "")
