"""What is answered again for the same revision of an event is what a server reads that remembers nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from google.protobuf.message import Message

from howmuch.rpc.interceptors.answer_cache import CACHED_METHODS
from howmuch.storage.database import Database
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from tests.databases import QueryCounter
from tests.rpc.running import running
from tests.service.api import DELETE_ME, Api, Person, failure

pytestmark = pytest.mark.fast_path

Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True)
class Trip:
    """An event of Ana's, with Bo and a guest, and two expenses."""

    ana: Person
    bo: Person
    event: event_pb2.Event
    guest: event_pb2.Member
    first: expense_pb2.Expense
    second: expense_pb2.Expense


def trip(api: Api) -> Trip:
    ana, bo = api.person("Ana"), api.person("Bo")
    event = ana.event()
    bo.join(ana, event.id)
    guest = ana.guest(event.id, "Cy")
    first, second = (
        ana.spend(event.id, event.member_id, amount, event.member_id, guest.id)
        for amount in ("12.00", "30.01")
    )
    return Trip(ana, bo, event, guest, first, second)


def requests(t: Trip) -> dict[str, tuple[str, Message]]:
    """Path of a method to its stub and what is asked."""
    event_id = t.event.id
    return {
        "/howmuch.v1.EventService/GetBalances": (
            "events",
            es.GetBalancesRequest(event_id=event_id),
        ),
        "/howmuch.v1.EventService/GetSettlement": (
            "events",
            es.GetSettlementRequest(event_id=event_id),
        ),
        "/howmuch.v1.EventService/GetTotals": ("events", es.GetTotalsRequest(event_id=event_id)),
        "/howmuch.v1.ExpenseService/GetExpense": (
            "expenses",
            xs.GetExpenseRequest(event_id=event_id, expense_id=t.first.id),
        ),
        "/howmuch.v1.ExpenseService/ListExpenses": (
            "expenses",
            xs.ListExpensesRequest(event_id=event_id, show_deleted=True),
        ),
        "/howmuch.v1.ExpenseService/ListRecentlyUsed": (
            "expenses",
            xs.ListRecentlyUsedRequest(event_id=event_id),
        ),
    }


def answers(person: Person, t: Trip) -> list[Message]:
    return [
        getattr(getattr(person, stub), path.rpartition("/")[2])(request)
        for path, (stub, request) in requests(t).items()
    ]


def update(t: Trip, **fields: Any) -> None:
    changed = expense_pb2.Expense(event_id=t.event.id, id=t.first.id, **fields)
    t.ana.expenses.UpdateExpense(xs.UpdateExpenseRequest(expense=changed))


def of_first(t: Trip, request: Callable[..., Request], **more: Any) -> Request:
    return request(event_id=t.event.id, expense_id=t.first.id, **more)


CHANGES: dict[str, Callable[[Trip], object]] = {
    "add": lambda t: t.ana.spend(t.event.id, t.event.member_id, "5.00", t.guest.id),
    "change its text": lambda t: update(t, reason="Supper"),
    "change its amount": lambda t: update(t, amount="99.00"),
    "delete": lambda t: t.ana.expenses.DeleteExpense(of_first(t, xs.DeleteExpenseRequest)),
    "bring back": lambda t: t.ana.expenses.UndeleteExpense(of_first(t, xs.UndeleteExpenseRequest)),
    "restore": lambda t: t.ana.expenses.RestoreExpenseVersion(
        of_first(t, xs.RestoreExpenseVersionRequest, version=1)
    ),
    "add a member": lambda t: t.ana.guest(t.event.id, "Di"),
    "weigh a member": lambda t: t.ana.events.UpdateMember(
        es.UpdateMemberRequest(
            member=event_pb2.Member(event_id=t.event.id, id=t.guest.id, weight=3)
        )
    ),
    "rename the event": lambda t: t.ana.events.UpdateEvent(
        es.UpdateEventRequest(event=event_pb2.Event(id=t.event.id, name="Porto"))
    ),
    "archive": lambda t: t.ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=t.event.id)),
    "unarchive": lambda t: t.ana.events.UnarchiveEvent(
        es.UnarchiveEventRequest(event_id=t.event.id)
    ),
    "close an account": lambda t: t.bo.users.DeleteMe(DELETE_ME),
}


def test_every_method_that_is_remembered_is_asked_here(server: tuple[Any, Api]) -> None:
    assert requests(trip(server[1])).keys() == CACHED_METHODS


def test_after_each_change_by_either_server(both: tuple[Api, Api], database: Database) -> None:
    """Both answer as a new one does, whether they have answered before or not."""
    t = trip(both[0])
    people = [t.ana, both[1].caller(t.ana.token)]
    seen = []
    for name, change in CHANGES.items():
        for person in people:
            answers(person, t)
        change(t)
        with running(database) as (_, fresh):
            expected = answers(fresh.caller(t.ana.token), t)
        for person in people:
            assert [answers(person, t), answers(person, t)] == [expected, expected], name
        seen.append(expected)
    assert seen[0] != seen[1] != seen[2] != seen[3]


def test_whoever_may_not_see_it_does_not(both: tuple[Api, Api]) -> None:
    """What was answered to a member is not answered to others, nor to that member after they have left."""
    t = trip(both[0])
    stranger = both[0].person("Di")
    assert answers(t.ana, t) == answers(t.bo, t)
    member = next(
        each
        for each in t.ana.events.ListMembers(es.ListMembersRequest(event_id=t.event.id)).members
        if each.user_id == t.bo.user_id
    )
    t.ana.events.RemoveMember(es.RemoveMemberRequest(event_id=t.event.id, member_id=member.id))
    answers(t.ana, t)
    for person in (stranger, t.bo, both[0].nobody()):
        for path, (stub, request) in requests(t).items():
            method = getattr(getattr(person, stub), path.rpartition("/")[2])
            assert failure(lambda: method(request)).code in ("NOT_FOUND", "UNAUTHENTICATED")  # noqa: B023


def test_another_request_is_another_answer(both: tuple[Api, Api]) -> None:
    """Not that of the same event with other filters, and not that of another event."""
    t, other = trip(both[0]), trip(both[0])
    lists = [
        xs.ListExpensesRequest(event_id=t.event.id, page_size=1),
        xs.ListExpensesRequest(event_id=t.event.id, page_size=1, order_by="date"),
        xs.ListExpensesRequest(event_id=t.event.id),
        xs.ListExpensesRequest(event_id=t.event.id, text="nothing like it"),
        xs.ListExpensesRequest(event_id=other.event.id, page_size=1),
    ]
    people = [t.ana] * 4 + [other.ana]
    found = [
        [each.id for each in person.expenses.ListExpenses(request).expenses]
        for _ in range(2)
        for person, request in zip(people, lists, strict=True)
    ]
    newest, oldest = t.second.id, t.first.id
    assert found == [[newest], [oldest], [newest, oldest], [], [other.second.id]] * 2


def test_the_second_answer_takes_one_statement(
    both: tuple[Api, Api], database: Database, query_counter: QueryCounter
) -> None:
    """The one that finds session, membership and revision."""
    t = trip(both[0])
    answers(t.ana, t)
    with query_counter(database.engine) as statements:
        answers(t.ana, t)
    assert len(statements) == len(CACHED_METHODS)


def test_errors_are_not_remembered(both: tuple[Api, Api]) -> None:
    t = trip(both[0])
    unknown = xs.GetExpenseRequest(event_id=t.event.id, expense_id="exp_00000000000000000000000000")
    for _ in range(2):
        assert failure(lambda: t.ana.expenses.GetExpense(unknown)).code == "NOT_FOUND"
