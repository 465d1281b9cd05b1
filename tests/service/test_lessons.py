"""Faults that hurt users of other systems, and how this one does not have them: money, members."""

import itertools
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event as sa_event

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person, failure
from tests.service.requests import FACTORIES, METHODS, call, name_of
from tests.service.world import World, contents

INCOME = expense_pb2.EXPENSE_KIND_INCOME
TRANSFER = expense_pb2.EXPENSE_KIND_TRANSFER


def splits(a: str, b: str, c: str) -> list[expense_pb2.Split]:
    """Every mode, for 30.00."""
    given: list[dict[str, Any]] = [
        {"equal": {"member_ids": [a, b, c]}},
        {
            "weights": {
                "parts": [{"member_id": m, "weight": w} for m, w in ((a, 1), (b, 2), (c, 4))]
            }
        },
        {
            "percent": {
                "parts": [
                    {"member_id": m, "percent": p}
                    for m, p in ((a, "33.3333"), (b, "33.3333"), (c, "33.3334"))
                ]
            }
        },
        {
            "exact": {
                "parts": [{"member_id": a, "amount": "10.01"}, {"member_id": c, "amount": "19.99"}]
            }
        },
        {"adjusted": {"parts": [{"member_id": a, "adjustment": "5.00"}, {"member_id": b}]}},
        {
            "itemized": {
                "items": [
                    {"amount": "10.01", "member_ids": [a, b]},
                    {"amount": "12.00", "member_ids": [c]},
                ],
                "tax": "2.99",
                "tip": "5.00",
            }
        },
    ]
    return [expense_pb2.Split(**mode) for mode in given]


def trip(ana: Person) -> tuple[str, list[str]]:
    """An event of three with every split mode and kind in it, and its members."""
    event = ana.event()
    members = [event.member_id, ana.guest(event.id, "Bo").id, ana.guest(event.id, "Cy").id]
    payments = [
        expense_pb2.Payment(member_id=members[0], amount="10.00"),
        expense_pb2.Payment(member_id=members[1], amount="20.00"),
    ]
    for kind, split in itertools.product((0, INCOME), splits(*members)):
        ana.spend(event.id, "", "30.00", kind=kind, payments=payments, split=split)
    ana.spend(event.id, members[1], "0.07", *members)
    ana.spend(event.id, members[2], "7.77", members[0], kind=TRANSFER)
    return event.id, members


def test_l03_every_view_shows_the_same_shares(ana: Person) -> None:
    """Expense, list, version, history and stream agree; balances and totals are their sums."""
    event_id, _ = trip(ana)
    listed = ana.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event_id)).expenses
    stream = ana.events.WatchEvent(es.WatchEventRequest(event_id=event_id))
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=event_id)).changes
    assert list(itertools.islice(stream, len(changes))) == list(changes)
    stream.cancel()
    snapshots = {change.subject_id: change.after.expense for change in changes}
    nets, spent, paid = (defaultdict[str, Decimal](Decimal) for _ in range(3))
    for expense in listed:
        listing = xs.ListExpenseVersionsRequest(event_id=event_id, expense_id=expense.id)
        versions = ana.expenses.ListExpenseVersions(listing).versions
        getting = xs.GetExpenseRequest(event_id=event_id, expense_id=expense.id)
        read = ana.expenses.GetExpense(getting)
        assert [expense] == [read] == list(versions) == [snapshots[expense.id]]
        for share in expense.shares:
            nets[share.member_id] += Decimal(share.net)
            sign = {INCOME: -1, TRANSFER: 0}.get(expense.kind, 1)
            spent[share.member_id] += sign * Decimal(share.owed)
            paid[share.member_id] += sign * Decimal(share.paid)
    assert len(listed) == 14
    read_nets = ana.nets(event_id)
    assert {member: Decimal(net) for (_, member), net in read_nets.items()} == nets
    assert sum(nets.values()) == 0
    totals = ana.events.GetTotals(es.GetTotalsRequest(event_id=event_id)).currencies[0]
    assert {m.member_id: (Decimal(m.paid), Decimal(m.owed)) for m in totals.by_member} == {
        member: (paid[member], spent[member]) for member in nets
    }
    me = ana.events.GetEvent(es.GetEventRequest(event_id=event_id)).member_id
    mine = ana.users.GetMyBalances(us.GetMyBalancesRequest()).balances[0]
    assert Decimal(mine.spent) == spent[me]
    assert Decimal(mine.owed_to_me) - Decimal(mine.owed_by_me) == nets[me]


def test_l05_a_new_weight_changes_no_expense_that_exists(ana: Person) -> None:
    """Weights are stored with the expense; only what is written later takes the new default."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo", weight=3).id
    split = expense_pb2.Split()
    for member_id in (event.member_id, bo):
        split.weights.parts.add(member_id=member_id)
    old = ana.spend(event.id, bo, "10.00", split=split)
    member = event_pb2.Member(event_id=event.id, id=bo, weight=9)
    ana.events.UpdateMember(es.UpdateMemberRequest(member=member))
    key = {"event_id": event.id, "expense_id": old.id}
    assert ana.expenses.GetExpense(xs.GetExpenseRequest(**key)) == old
    renamed = expense_pb2.Expense(event_id=event.id, id=old.id, reason="Lunch")
    assert ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=renamed)).shares == old.shares
    assert sorted(share.owed for share in old.shares) == ["2.50", "7.50"]
    new = ana.spend(event.id, bo, "10.00", split=split)
    assert sorted(share.owed for share in new.shares) == ["1.00", "9.00"]


@pytest.mark.parametrize(
    ("currency", "amount", "shares", "too_precise"),
    [
        ("JPY", "1000", ["333", "333", "334"], "1000.0"),
        ("EUR", "10.00", ["3.33", "3.33", "3.34"], "10.000"),
        ("KWD", "1.000", ["0.333", "0.333", "0.334"], "1.0000"),
    ],
)
def test_l06_currencies_have_their_own_digits(
    ana: Person, currency: str, amount: str, shares: list[str], too_precise: str
) -> None:
    """Yen have no cents and dinars have a thousand, in every answer; more digits are refused."""
    event = ana.event(currency_code=currency)
    others = [ana.guest(event.id, name).id for name in ("Bo", "Cy")]
    made = ana.spend(event.id, event.member_id, amount)
    assert sorted(share.owed for share in made.shares) == shares
    assert made.currency_code == currency
    failed = failure(lambda: ana.spend(event.id, event.member_id, too_precise))
    assert failed.reason == "AMOUNT_TOO_PRECISE"
    assert list(failed.fields) == ["expense.amount"]
    plan = ana.events.GetSettlement(es.GetSettlementRequest(event_id=event.id)).plans[0]
    assert {debt.from_member_id for debt in plan.transfers} == set(others)
    assert ana.nets(event.id)[currency, others[0]].lstrip("-") in shares


def settlement(person: Person, event_id: str) -> list[tuple[str, event_pb2.Debt]]:
    """Currency and payment, for all that are still to be made."""
    plans = person.events.GetSettlement(es.GetSettlementRequest(event_id=event_id)).plans
    return [(plan.currency_code, debt) for plan in plans for debt in plan.transfers]


def test_l07_l09_paying_the_plan_keeps_its_rest_and_leaves_nothing(ana: Person) -> None:
    """Each suggested payment that is entered goes from the plan; after the last all is exactly zero."""
    event_id, members = trip(ana)
    others = [ana.guest(event_id, name).id for name in ("Di", "Ed", "Flo")]
    for number, currency in enumerate(("EUR", "JPY", "KWD")):
        payer = others[number]
        ana.spend(event_id, payer, "1001", *members, *others, currency_code=currency)
    plan = settlement(ana, event_id)
    assert len(plan) > 8
    while plan:
        (currency, debt), *rest = plan
        ana.spend(
            event_id, debt.from_member_id, debt.amount, debt.to_member_id,
            kind=TRANSFER, currency_code=currency,
        )  # fmt: skip
        plan = settlement(ana, event_id)
        assert plan == rest
    assert {Decimal(net) for net in ana.nets(event_id).values()} == {Decimal(0)}


def test_l10_no_read_writes(own_api: Api) -> None:
    """Methods without side effects run in transactions that cannot write, and leave every row."""
    world = World(own_api)
    reads = [method for method in METHODS.values() if not method.writes]
    requests = [FACTORIES[name_of(method)](world, "owner") for method in reads]
    database = own_api.database
    ask = {"sqlite": "PRAGMA query_only", "postgresql": "SHOW transaction_read_only"}
    seen: list[tuple[str, Any]] = []

    def look(connection: Any, _cursor: object, statement: str, *_more: object) -> None:
        driver = connection.connection.dbapi_connection
        seen.append((statement, driver.execute(ask[database.dialect]).fetchone()[0]))

    before = contents(database)
    sa_event.listen(database.engine, "before_cursor_execute", look)
    try:
        for method, request in zip(reads, requests, strict=True):
            call(world.owner, method, request)
    finally:
        sa_event.remove(database.engine, "before_cursor_execute", look)
    assert contents(database) == before
    assert len(seen) > len(reads) > 14
    assert {statement.split()[0] for statement, _ in seen} == {"SELECT"}
    assert {read_only for _, read_only in seen} <= {1, "on"}


def test_l11_an_edit_keeps_a_payer_who_has_left(ana: Person) -> None:
    """Text of an expense can be edited; its payer and shares stay. Money of who has left cannot."""
    event = ana.event()
    bo = ana.guest(event.id, "Bo").id
    old = ana.spend(event.id, bo, "10.00", event.member_id, bo)
    ana.spend(event.id, event.member_id, "5.00", bo, kind=TRANSFER)
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=bo))
    edit = expense_pb2.Expense(event_id=event.id, id=old.id, reason="Lunch", category="food")
    new = ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=edit))
    assert (new.reason, new.payments, new.shares) == ("Lunch", old.payments, old.shares)
    edit = expense_pb2.Expense(event_id=event.id, id=old.id, amount="12.00")
    failed = failure(lambda: ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=edit)))
    assert (failed.reason, failed.metadata["change"]) == ("MEMBER_INACTIVE", "1.00")


def test_l12_removing_a_member_removes_no_expense(ana: Person) -> None:
    """Who took part stays as inactive, with every expense; who did not is gone."""
    event = ana.event()
    bo, cy = (ana.guest(event.id, name).id for name in ("Bo", "Cy"))
    made = ana.spend(event.id, bo, "10.00", bo)
    for member_id in (bo, cy):
        ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=member_id))
    key = {"event_id": event.id, "expense_id": made.id}
    assert ana.expenses.GetExpense(xs.GetExpenseRequest(**key)) == made
    request = es.ListMembersRequest(event_id=event.id, show_inactive=True)
    states = {member.id: member.state for member in ana.events.ListMembers(request).members}
    assert states == {
        event.member_id: event_pb2.MEMBER_STATE_ACTIVE,
        bo: event_pb2.MEMBER_STATE_INACTIVE,
    }
