"""What the ledger says of an event and of a user, against sums made by hand."""

from collections.abc import Iterable

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Person

INCOME, TRANSFER = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER


def test_kinds_move_balances_their_way(ana: Person) -> None:
    """An expense is owed to the payer, an income by its receiver, a transfer settles."""
    event = ana.event()
    mine, bo = event.member_id, ana.guest(event.id, "Bo").id
    for kind, expected in ((0, "5.00"), (INCOME, "0.00"), (TRANSFER, "10.00")):
        beneficiaries = (bo,) if kind == TRANSFER else (mine, bo)
        ana.spend(event.id, mine, "10.00", *beneficiaries, kind=kind)
        assert ana.nets(event.id)["EUR", mine] == expected


def test_totals(ana: Person) -> None:
    """By member, category and month, per currency; transfers do not count and incomes count negative."""
    event = ana.event()
    mine, bo = event.member_id, ana.guest(event.id, "Bo").id
    for amount, fields in (
        ("10.00", {"category": "food", "date": "2026-10-31"}),
        ("5.01", {"category": "food"}),
        ("3.00", {"kind": INCOME}),
        ("700", {"currency_code": "JPY", "category": "tram"}),
    ):
        ana.spend(event.id, mine, amount, mine, bo, **fields)
    ana.spend(event.id, bo, "2.00", mine, kind=TRANSFER)
    gone = ana.spend(event.id, bo, "50.00", mine)
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event.id, expense_id=gone.id))
    totals = ana.events.GetTotals(es.GetTotalsRequest(event_id=event.id))
    euro, yen = totals.currencies
    assert (totals.revision, euro.currency_code, euro.total) == (9, "EUR", "12.01")
    assert [(c.category, c.total) for c in euro.by_category] == [("", "-3.00"), ("food", "15.01")]
    assert [(m.month, m.total) for m in euro.by_month] == [
        ("2026-10", "10.00"),
        ("2026-11", "2.01"),
    ]
    paid_by = {m.member_id: m.paid for m in euro.by_member}
    owed_by = sorted(m.owed for m in euro.by_member)
    assert paid_by == {mine: "12.01", bo: "0.00"}
    assert owed_by == ["6.00", "6.01"]
    assert (yen.currency_code, yen.total) == ("JPY", "700")


def test_balances_and_debts(ana: Person) -> None:
    """Paid, owed, transferred and net per member; debts as they arose; revision that they belong to."""
    event = ana.event()
    mine, bo, cy = event.member_id, *(ana.guest(event.id, n).id for n in ("Bo", "Cy"))
    ana.spend(event.id, mine, "9.00", mine, bo, cy)
    ana.spend(event.id, bo, "4.00", cy)
    ana.spend(event.id, cy, "1.00", mine, kind=TRANSFER)
    balances = ana.events.GetBalances(es.GetBalancesRequest(event_id=event.id))
    assert balances.revision == ana.revision(event.id)
    (euro,) = balances.currencies
    assert {m.member_id: (m.paid, m.owed, m.transferred, m.net) for m in euro.members} == {
        mine: ("9.00", "3.00", "-1.00", "5.00"),
        bo: ("4.00", "3.00", "0.00", "1.00"),
        cy: ("0.00", "7.00", "1.00", "-6.00"),
    }

    def triples(debts: Iterable[event_pb2.Debt]) -> set[tuple[str, str, str]]:
        return {(d.from_member_id, d.to_member_id, d.amount) for d in debts}

    assert triples(euro.debts) == {(bo, mine, "3.00"), (cy, mine, "2.00"), (cy, bo, "4.00")}
    plan = ana.events.GetSettlement(es.GetSettlementRequest(event_id=event.id)).plans[0]
    assert triples(plan.transfers) == {(cy, mine, "5.00"), (cy, bo, "1.00")}
    assert (plan.proven_minimal, plan.lower_bound) == (True, 2)


def test_balances_over_all_events(ana: Person, bo: Person) -> None:
    """What is owed in one event does not pay what is owing in another; deleted events do not count."""
    for payer, amount, currency in ((0, "10.00", "EUR"), (1, "7.00", "EUR"), (1, "900", "JPY")):
        event = ana.event()
        his = bo.join(ana, event.id).member_id
        ana.spend(event.id, (event.member_id, his)[payer], amount, currency_code=currency)
    gone = ana.event()
    ana.spend(gone.id, gone.member_id, "99.00")
    ana.events.DeleteEvent(es.DeleteEventRequest(event_id=gone.id))
    balances = ana.users.GetMyBalances(us.GetMyBalancesRequest()).balances
    assert [(b.currency_code, b.spent, b.owed_to_me, b.owed_by_me) for b in balances] == [
        ("EUR", "8.50", "5.00", "3.50"),
        ("JPY", "450", "0", "450"),
    ]
