"""Ids that clients choose, so that a phone makes events and expenses without a network."""

import pytest

from howmuch.ids import EVENT, EXPENSE, new_id
from howmuch.v1 import event_pb2, event_service_pb2, expense_pb2, expense_service_pb2
from tests.service.api import Person, failure


def expense_request(
    event: event_pb2.Event, expense_id: str
) -> expense_service_pb2.CreateExpenseRequest:
    expense = expense_pb2.Expense(
        reason="Tea",
        date="2026-11-22",
        amount="3",
        payments=[expense_pb2.Payment(member_id=event.member_id)],
    )
    return expense_service_pb2.CreateExpenseRequest(
        event_id=event.id, expense=expense, expense_id=expense_id
    )


def event_request(event_id: str) -> event_service_pb2.CreateEventRequest:
    return event_service_pb2.CreateEventRequest(
        event=event_pb2.Event(name="Porto"), event_id=event_id
    )


def test_chosen_ids_are_kept_and_taken_once(ana: Person, bo: Person) -> None:
    """A second use is refused, whoever has the first; nothing else is told."""
    event = ana.events.CreateEvent(event_request(new_id(EVENT)))
    for person in (ana, bo):
        seen = failure(person.events.CreateEvent, event_request(event.id))
        assert (seen.code, seen.reason) == ("ALREADY_EXISTS", "EVENT_ID_TAKEN")
        assert event.name not in seen.message
    ana.spend(event.id, event.member_id, "1", event.member_id)
    given = new_id(EXPENSE)
    made = ana.expenses.CreateExpense(expense_request(event, given))
    assert made.id == given
    seen = failure(ana.expenses.CreateExpense, expense_request(event, given))
    assert (seen.code, seen.reason) == ("ALREADY_EXISTS", "EXPENSE_ID_TAKEN")
    # Another event may have an expense with the same id: it shows nothing of this one.
    other = bo.events.CreateEvent(event_request(""))
    assert bo.expenses.CreateExpense(expense_request(other, given)).id == given


def test_repeat_with_its_key_gets_the_first_answer(ana: Person) -> None:
    """As every write."""
    key = (("idempotency-key", new_id(EXPENSE)),)
    request = event_request(new_id(EVENT))
    event = ana.events.CreateEvent(request, metadata=key)
    assert ana.events.CreateEvent(request, metadata=key) == event
    key = (("idempotency-key", new_id(EXPENSE)),)
    wanted = expense_request(event, new_id(EXPENSE))
    made = ana.expenses.CreateExpense(wanted, metadata=key)
    assert ana.expenses.CreateExpense(wanted, metadata=key) == made


@pytest.mark.parametrize("wrong", ["exp", "evt_1", "evt_" + "z" * 26, "0191-uuid"])
def test_ids_of_another_form_are_refused(ana: Person, wrong: str) -> None:
    """Together with the other fields that are wrong."""
    seen = failure(ana.events.CreateEvent, event_service_pb2.CreateEventRequest(event_id=wrong))
    assert seen.fields.keys() == {"event_id", "event.name"}
    event = ana.event()
    request = expense_request(event, wrong)
    request.expense.amount = "x"
    seen = failure(ana.expenses.CreateExpense, request)
    assert seen.fields.keys() == {"expense_id", "expense.amount"}


def test_id_in_the_expense_is_the_chosen_one(ana: Person) -> None:
    """A client sends the object as it has it."""
    event = ana.event()
    request = expense_request(event, new_id(EXPENSE))
    request.expense.id = request.expense_id
    assert ana.expenses.CreateExpense(request).id == request.expense_id
    request.expense_id = new_id(EXPENSE)
    assert failure(ana.expenses.CreateExpense, request).fields.keys() == {"expense.id"}
