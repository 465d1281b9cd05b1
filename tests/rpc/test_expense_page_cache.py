"""Lists show what is so now, by whichever server it was changed, although pages are made of what was sent."""

from collections.abc import Callable
from typing import Any

from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.service.api import Api, Person

Change = Callable[[Person, expense_pb2.Expense], object]


def listed(person: Person, event_id: str, **fields: Any) -> list[expense_pb2.Expense]:
    request = xs.ListExpensesRequest(event_id=event_id, **fields)
    return list(person.expenses.ListExpenses(request).expenses)


def one_by_one(person: Person, found: list[expense_pb2.Expense]) -> list[expense_pb2.Expense]:
    """The same expenses, each as it is when it is read alone: nothing of that is remembered."""
    return [
        person.expenses.GetExpense(xs.GetExpenseRequest(event_id=each.event_id, expense_id=each.id))
        for each in found
    ]


def rename(person: Person, expense: expense_pb2.Expense) -> None:
    changed = expense_pb2.Expense(event_id=expense.event_id, id=expense.id, reason="Supper")
    person.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))


def share_out_anew(person: Person, expense: expense_pb2.Expense) -> None:
    """The money stays what it is; whom it is for does not."""
    split = expense_pb2.Split(
        equal=expense_pb2.EqualSplit(member_ids=[expense.payments[0].member_id])
    )
    changed = expense_pb2.Expense(event_id=expense.event_id, id=expense.id, split=split)
    person.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))


def delete(person: Person, expense: expense_pb2.Expense) -> None:
    request = xs.DeleteExpenseRequest(event_id=expense.event_id, expense_id=expense.id)
    person.expenses.DeleteExpense(request)


def bring_back(person: Person, expense: expense_pb2.Expense) -> None:
    request = xs.UndeleteExpenseRequest(event_id=expense.event_id, expense_id=expense.id)
    person.expenses.UndeleteExpense(request)


def restore_the_first(person: Person, expense: expense_pb2.Expense) -> None:
    request = xs.RestoreExpenseVersionRequest(
        event_id=expense.event_id, expense_id=expense.id, version=1
    )
    person.expenses.RestoreExpenseVersion(request)


def test_a_change_by_another_server(both: tuple[Api, Api]) -> None:
    """After each kind of change both servers list what there is, and the deleted only where asked for it."""
    ana = both[0].person()
    elsewhere = both[1].caller(ana.token)
    event = ana.event()
    guest = ana.guest(event.id, "Bo")
    for number in range(3):
        ana.spend(event.id, event.member_id, f"{number + 1}.00", event.member_id, guest.id)
    changed = listed(ana, event.id)[1]
    changes: list[Change] = [rename, share_out_anew, delete, bring_back, restore_the_first]
    for change in changes:
        for person in (ana, elsewhere):
            listed(person, event.id)
        change(ana, changed)
        everything = listed(elsewhere, event.id, show_deleted=True)
        assert everything == one_by_one(ana, everything)
        assert len(everything) == 3
        there = [each for each in everything if not each.HasField("delete_time")]
        assert listed(elsewhere, event.id) == listed(ana, event.id) == there
        assert len(there) == (2 if change is delete else 3)
    assert listed(elsewhere, event.id)[1].version == len(changes) + 1


def test_a_page_of_old_and_new(both: tuple[Api, Api]) -> None:
    """What was listed before and what was not come in the order that was asked for."""
    ana = both[0].person()
    event = ana.event()
    made = []
    for number in range(6):
        made.append(ana.spend(event.id, event.member_id, "1.00", date=f"2026-11-{20 + number}").id)
        if number % 2:
            listed(ana, event.id, page_size=1)
    assert [each.id for each in listed(ana, event.id)] == made[::-1]
    assert [each.id for each in listed(ana, event.id, order_by="date")] == made
    assert listed(ana, event.id) == one_by_one(ana, listed(ana, event.id))
