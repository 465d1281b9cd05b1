"""Adding by one statement, by what the writer saw of the event last: what has changed since is respected."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.databases import recorded_statements
from tests.service.adding import Trip
from tests.service.api import Api, Failure, failure, failure_of

pytestmark = pytest.mark.fast_path


@pytest.fixture
def trip(postgres_api: Api) -> Trip:
    return Trip(postgres_api)


def test_next_one_is_one_statement(trip: Trip) -> None:
    """Which has everything in it: what it needs to know is remembered."""
    with recorded_statements(trip.api.database.engine) as statements:
        trip.add()
        trip.add(metadata=(("idempotency-key", "k"),))
    assert [statement.count("INSERT INTO") for statement in statements] == [7, 8]
    assert trip.count() == 3


def demote(trip: Trip) -> None:
    trip.update(trip.bo_id, role=event_pb2.ROLE_VIEWER)


def remove(trip: Trip) -> None:
    trip.ana.expenses.DeleteExpense(only_expense(trip))
    removed = es.RemoveMemberRequest(event_id=trip.id, member_id=trip.bo_id)
    trip.ana.events.RemoveMember(removed)


def only_expense(trip: Trip) -> xs.DeleteExpenseRequest:
    listed = trip.ana.expenses.ListExpenses(xs.ListExpensesRequest(event_id=trip.id))
    return xs.DeleteExpenseRequest(event_id=trip.id, expense_id=listed.expenses[0].id)


def remove_a_beneficiary(trip: Trip) -> None:
    trip.ana.expenses.DeleteExpense(only_expense(trip))
    removed = es.RemoveMemberRequest(event_id=trip.id, member_id=trip.cy_id)
    trip.ana.events.RemoveMember(removed)


def archive(trip: Trip) -> None:
    trip.ana.events.ArchiveEvent(es.ArchiveEventRequest(event_id=trip.id))


def delete(trip: Trip) -> None:
    trip.ana.events.DeleteEvent(es.DeleteEventRequest(event_id=trip.id))


def log_out(trip: Trip) -> None:
    trip.bo.users.LogOut(us.LogOutRequest())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (demote, ("PERMISSION_DENIED", "ROLE_TOO_SMALL")),
        (remove, ("NOT_FOUND", "EVENT_NOT_FOUND")),
        (remove_a_beneficiary, ("FAILED_PRECONDITION", "MEMBER_INACTIVE")),
        (archive, ("FAILED_PRECONDITION", "EVENT_ARCHIVED")),
        (delete, ("FAILED_PRECONDITION", "EVENT_DELETED")),
        (log_out, ("UNAUTHENTICATED", "SESSION_INVALID")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_has_changed_since_is_respected(
    trip: Trip, change: Callable[[Trip], None], told: tuple[str, str]
) -> None:
    """As if nothing had been remembered: nothing is written, and the caller is told why."""
    change(trip)
    before = trip.count()
    seen = failure(trip.add)
    assert (seen.code, seen.reason) == told
    assert trip.count() == before


def test_who_has_come_since_can_take_part(trip: Trip) -> None:
    """Somebody of whom nothing is remembered; and whoever is there, where nobody is named."""
    di_id = trip.ana.guest(trip.id, "Di").id
    assert {share.member_id for share in trip.add(di_id).shares} == {trip.bo_id, di_id}
    ed_id = trip.ana.guest(trip.id, "Ed").id
    everybody = trip.add(split=expense_pb2.Split()).shares
    assert {trip.cy_id, di_id, ed_id} <= {share.member_id for share in everybody}
    fay_id = trip.ana.guest(trip.id, "Fay").id
    assert fay_id in {share.member_id for share in trip.add(split=expense_pb2.Split()).shares}


def test_weight_that_has_changed_since_counts(trip: Trip) -> None:
    """Where a split leaves the weight to the member."""
    parts = [expense_pb2.WeightsSplit.Part(member_id=each) for each in (trip.bo_id, trip.cy_id)]
    by_weight = expense_pb2.Split(weights=expense_pb2.WeightsSplit(parts=parts))
    trip.add(split=by_weight)
    trip.update(trip.cy_id, weight=2)
    owed = {share.member_id: share.owed for share in trip.add(split=by_weight).shares}
    assert owed == {trip.bo_id: "3.00", trip.cy_id: "6.00"}


def test_usual_split_that_has_changed_since_counts(trip: Trip) -> None:
    """Of an expense without a split: the weights, then the default split of the event."""
    none = expense_pb2.Split()
    trip.add(split=none)
    trip.update(trip.cy_id, weight=7)
    assert {share.owed for share in trip.add(split=none).shares} == {"1.00", "7.00"}
    equal = expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=[trip.cy_id]))
    event = event_pb2.Event(id=trip.id, default_split=equal)
    trip.ana.events.UpdateEvent(es.UpdateEventRequest(event=event))
    owed = {share.member_id: share.owed for share in trip.add(split=none).shares}
    assert owed == {trip.bo_id: "0.00", trip.cy_id: "9.00"}
    trip.count()


def test_writes_of_others_in_between_are_not_lost(trip: Trip) -> None:
    """Two who take turns, each going by what they saw last."""
    for _ in range(10):
        trip.add()
        trip.ana.spend(trip.id, trip.ana_id, "1.00", trip.bo_id)
    assert trip.count() == 21
    assert trip.ana.revision(trip.id) == 1 + 1 + 2 + 21  # Made, Cy added, Bo invited and joined.


def test_one_session_at_once_in_one_event(trip: Trip) -> None:
    """However many calls it makes together, each is done once."""
    with ThreadPoolExecutor(16) as threads:
        made = list(threads.map(lambda _: trip.add().id, range(200)))
    assert len(set(made)) == 200
    assert trip.count() == 201


def test_events_that_are_written_together_stand_for_themselves(postgres_api: Api) -> None:
    """One key in eight events at once: one is written, the others are told; all other calls are done."""
    trips = [Trip(postgres_api) for _ in range(8)]
    bo = trips[0].bo
    others = [trip.ana for trip in trips]
    own = [other.event() for other in others]
    for made, other in zip(own, others, strict=True):
        bo.join(other, made.id)
    start = threading.Barrier(16)

    def call(number: int) -> expense_pb2.Expense | Failure:
        made = own[number % 8]
        start.wait()
        try:
            if number < 8:
                headers = (("idempotency-key", "same"),)
                return bo.spend(made.id, made.member_id, "1.00", made.member_id, metadata=headers)
            return trips[number % 8].add()
        except grpc.RpcError as error:
            return failure_of(error)

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(call, range(16)))
    refused = [each.reason for each in answers if isinstance(each, Failure)]
    assert refused == ["IDEMPOTENCY_KEY_REUSED"] * 7
    assert [trip.count() for trip in trips] == [2] * 8


def test_repeated_call_gets_the_first_answer(trip: Trip) -> None:
    """The key is stored by the statement that adds; for another request it is refused."""
    headers = (("idempotency-key", "k"),)
    first = trip.add(metadata=headers)
    assert trip.add(metadata=headers) == first
    assert (
        failure(lambda: trip.add(trip.cy_id, metadata=headers)).reason == "IDEMPOTENCY_KEY_REUSED"
    )
    assert trip.count() == 2


def test_large_expense_takes_the_ordinary_way(trip: Trip) -> None:
    """By its members or its rows: it would hold up all calls of its group. The next small one is fast."""
    guests = [trip.ana.guest(trip.id, f"G{number}").id for number in range(101)]
    payments = [expense_pb2.Payment(member_id=each, amount="1.00") for each in guests[:25]]
    with recorded_statements(trip.api.database.engine) as statements:
        trip.add(*guests)
        trip.bo.spend(trip.id, trip.bo_id, "25.00", *guests[:50], payments=payments)
        trip.add(split=expense_pb2.Split())
        assert not any(each.startswith("WITH seen") for each in statements)
        trip.add()
    assert sum(each.startswith("WITH seen") for each in statements) == 1
    assert trip.count() == 5
