"""Days: what counts as of a date, what is dated ahead, and which day it is for whom."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.json_format import MessageToDict

from howmuch.v1 import event_pb2, expense_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person, failure

# It is never the same day in both: they are 26 hours apart.
EAST, WEST = "Pacific/Kiritimati", "Etc/GMT+12"
READS = {
    "GetBalances": es.GetBalancesRequest,
    "GetSettlement": es.GetSettlementRequest,
    "GetTotals": es.GetTotalsRequest,
}


def today(zone: str) -> dt.date:
    return dt.datetime.now(ZoneInfo(zone)).date()


def read(person: Person, event_id: str, as_of_date: str = "") -> dict[str, Any]:
    """The answers of all three methods, without the revision."""
    found = {}
    for name, make in READS.items():
        answer = getattr(person.events, name)(make(event_id=event_id, as_of_date=as_of_date))
        answer.ClearField("revision")
        found[name] = MessageToDict(answer)
    return found


def test_balances_as_of_a_date_are_those_of_the_expenses_until_then(ana: Person) -> None:
    """Of every kind, of one and of several payers, in two currencies: as if the later ones were not there."""
    event = ana.event()
    me, (bo, cy) = event.member_id, (ana.guest(event.id, name).id for name in ("Bo", "Cy"))
    several = [
        expense_pb2.Payment(member_id=me, amount="6.67"),
        expense_pb2.Payment(member_id=bo, amount="3.34"),
    ]
    income, transfer = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER
    entries: list[tuple[str, str, tuple[str, ...], dict[str, Any]]] = [
        (me, "10.00", (me, bo, cy), {"category": "food"}),
        (me, "10.01", (me, bo, cy), {"payments": several}),
        (bo, "7.00", (me, cy), {"kind": income}),
        (bo, "0.99", (cy, bo, me), {"currency_code": "USD", "category": "food"}),
        (cy, "1.50", (me,), {"kind": transfer}),
        (me, "10.01", (bo, cy), {"payments": several[::-1], "kind": income}),
        (cy, "100.00", (bo,), {"date": "2026-11-30"}),
    ]
    seen = {"2026-10-31": read(ana, event.id)}
    for day, (payer, amount, others, fields) in enumerate(entries, start=1):
        date = f"2026-11-{day:02}"
        ana.spend(event.id, payer, amount, *others, **{"date": date, **fields})
        seen[fields.get("date", date)] = read(ana, event.id)
    gone = ana.spend(event.id, bo, "5.00", me, date="2026-11-03")
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event.id, expense_id=gone.id))
    assert read(ana, event.id) == seen["2026-11-30"]
    for date, then in seen.items():
        assert read(ana, event.id, date) == then, date
    assert seen["2026-11-06"]["GetBalances"]["currencies"][0]["debts"]


@pytest.mark.parametrize("method", READS)
def test_as_of_date_that_is_none_is_refused(ana: Person, method: str) -> None:
    """The error names the field, the value and the rule."""
    request = READS[method](event_id=ana.event().id, as_of_date="2026-02-30")
    failed = failure(getattr(ana.events, method), request)
    assert (failed.code, failed.reason) == ("INVALID_ARGUMENT", "DATE_MALFORMED")
    assert list(failed.fields) == ["as_of_date"]


def test_time_zone_of_an_event_is_that_of_its_creator(api: Api) -> None:
    """Or the one given; owners change it, and history has both."""
    ana = api.person("Ana")
    ana.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(time_zone=EAST)))
    assert ana.event().time_zone == EAST
    event = ana.event(time_zone="Europe/Lisbon")
    assert event.time_zone == "Europe/Lisbon"
    changed = event_pb2.Event(id=event.id, time_zone=WEST)
    assert ana.events.UpdateEvent(es.UpdateEventRequest(event=changed)).time_zone == WEST
    [change] = ana.events.ListChanges(
        es.ListChangesRequest(event_id=event.id, since_revision=1)
    ).changes
    assert (change.before.event.time_zone, change.after.event.time_zone) == ("Europe/Lisbon", WEST)
    changed.time_zone = "Mars/Olympus"
    failed = failure(ana.events.UpdateEvent, es.UpdateEventRequest(event=changed))
    assert (failed.reason, list(failed.fields)) == ("TIME_ZONE_UNKNOWN", ["event.time_zone"])


@pytest.mark.parametrize("batch", [False, True])
def test_expense_without_a_date_is_of_today(ana: Person, batch: bool) -> None:
    """In the time zone of the event, or of the client that says its own; twice, for the shorter path too."""
    event = ana.event(time_zone=EAST)
    payment = expense_pb2.Payment(member_id=event.member_id)
    expense = expense_pb2.Expense(reason="Tea", amount="1.00", payments=[payment])

    def add(time_zone: str) -> expense_pb2.Expense:
        if batch:
            many = xs.BatchCreateExpensesRequest(
                event_id=event.id, expenses=[expense], time_zone=time_zone
            )
            return ana.expenses.BatchCreateExpenses(many).expenses[0]
        request = xs.CreateExpenseRequest(event_id=event.id, expense=expense, time_zone=time_zone)
        return ana.expenses.CreateExpense(request)

    for zone in ("", WEST, ""):
        days = {str(today(zone or EAST))}
        made = add(zone)
        assert made.date in days | {str(today(zone or EAST))}
        assert not made.dated_ahead
    failed = failure(add, "Mars/Olympus")
    assert (failed.reason, list(failed.fields)) == ("TIME_ZONE_UNKNOWN", ["time_zone"])


def test_expense_after_the_day_of_the_event_is_dated_ahead(ana: Person) -> None:
    """Wherever it is read; the event's day decides, also of an answer that was given before."""
    event = ana.event(time_zone=WEST)
    made = ana.spend(event.id, event.member_id, "1.00", event.member_id, date=str(today(EAST)))
    get = xs.GetExpenseRequest(event_id=event.id, expense_id=made.id)
    versions = xs.ListExpenseVersionsRequest(event_id=event.id, expense_id=made.id)

    def marks() -> set[bool]:
        return {
            ana.expenses.GetExpense(get).dated_ahead,
            ana.expenses.ListExpenses(xs.ListExpensesRequest(event_id=event.id))
            .expenses[0]
            .dated_ahead,
            ana.expenses.ListExpenseVersions(versions).versions[0].dated_ahead,
        }

    assert made.dated_ahead
    assert marks() == {True}
    moved = event_pb2.Event(id=event.id, time_zone=EAST)
    ana.events.UpdateEvent(es.UpdateEventRequest(event=moved))
    assert marks() == {False}
