"""Ways around the rules, none of which works."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import grpc
import pytest

from howmuch.errors import Unauthenticated
from howmuch.rpc.interceptors.rate_limit import _account
from howmuch.usecases import idempotency, sessions
from howmuch.v1 import (
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    user_service_pb2,
)
from tests.service.api import DELETE_ME, Api, Person, failure


def test_editor_cannot_read_the_token_of_an_owners_invitation(ana: Person, bo: Person) -> None:
    """Whoever reads a token can use it, so links to a larger role are not shown."""
    event = ana.event()
    bo.join(ana, event.id, event_pb2.ROLE_EDITOR)
    for role in (event_pb2.ROLE_OWNER, event_pb2.ROLE_VIEWER):
        ana.events.CreateInvitation(
            event_service_pb2.CreateInvitationRequest(event_id=event.id, role=role)
        )
    request = event_service_pb2.ListInvitationsRequest(event_id=event.id)

    def roles(person: Person) -> set[int]:
        return {found.role for found in person.events.ListInvitations(request).invitations}

    assert roles(bo) == {event_pb2.ROLE_VIEWER}
    assert roles(ana) == {event_pb2.ROLE_OWNER, event_pb2.ROLE_VIEWER}


@pytest.mark.parametrize(
    "spelling", ["bo@\uff45xample.org", "BO@example.org", "bo@example\u3002org"]
)
def test_spellings_of_an_address_count_as_one_account(spelling: str) -> None:
    """The limit of log-ins is for the account, however its address is written."""
    assert _account(user_service_pb2.LogInRequest(email=spelling)) == "bo@example.org"


def test_verified_password_that_was_changed_since_opens_nothing(api: Api, ana: Person) -> None:
    """Between the hash and the session the password may have been reset."""
    with api.database.begin() as connection:
        found = sessions.read_credentials(connection, ana.email)
        assert found is not None
        sessions.check_still_valid(connection, *found)
        with pytest.raises(Unauthenticated):
            sessions.check_still_valid(connection, found[0], "another hash")


def test_same_update_twice_at_once_gets_one_answer(ana: Person) -> None:
    """The second waits for the first, and is not told that its etag is stale."""
    event = ana.event()
    expense = ana.spend(event.id, event.member_id, "10.00", event.member_id)
    barrier = Barrier(2)
    request = expense_service_pb2.UpdateExpenseRequest(
        expense=expense_pb2.Expense(
            event_id=event.id, id=expense.id, reason="Supper", etag=expense.etag
        )
    )

    def update(_: int) -> expense_pb2.Expense:
        barrier.wait()
        return ana.expenses.UpdateExpense(request, metadata=(("idempotency-key", "twice"),))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(update, range(2))
    assert first == second
    assert first.version == 2


def test_member_with_a_share_of_nothing_has_taken_part(ana: Person) -> None:
    """They turn inactive when they are removed, and the expense keeps them."""
    event = ana.event()
    guest = ana.guest(event.id, "Gus")
    expense = ana.spend(event.id, event.member_id, "10.00", event.member_id)
    parts = [
        expense_pb2.ExactSplit.Part(member_id=event.member_id, amount="10"),
        expense_pb2.ExactSplit.Part(member_id=guest.id, amount="0"),
    ]
    split = expense_pb2.Split(exact=expense_pb2.ExactSplit(parts=parts))
    ana.expenses.UpdateExpense(
        expense_service_pb2.UpdateExpenseRequest(
            expense=expense_pb2.Expense(event_id=event.id, id=expense.id, split=split)
        )
    )
    ana.events.RemoveMember(
        event_service_pb2.RemoveMemberRequest(event_id=event.id, member_id=guest.id)
    )
    listed = ana.events.ListMembers(
        event_service_pb2.ListMembersRequest(event_id=event.id, show_inactive=True)
    )
    assert guest.id in {member.id for member in listed.members}


def test_viewer_may_send_back_what_they_read_and_mute(ana: Person, bo: Person) -> None:
    """Fields that are as they were ask for no role."""
    event = ana.event()
    mine = bo.join(ana, event.id, event_pb2.ROLE_VIEWER).member_id
    listed = bo.events.ListMembers(event_service_pb2.ListMembersRequest(event_id=event.id))
    (member,) = (found for found in listed.members if found.id == mine)
    member.muted = True
    answer = bo.events.UpdateMember(event_service_pb2.UpdateMemberRequest(member=member))
    assert answer == member


def test_account_deleted_twice_at_once_is_deleted_once(ana: Person) -> None:
    """One call deletes it; the other finds no session."""
    ana.event()
    barrier = Barrier(2)

    def delete(_: int) -> str:
        barrier.wait()
        try:
            ana.users.DeleteMe(DELETE_ME)
        except grpc.RpcError as error:
            return str(error.code().name)
        return "OK"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(delete, range(2))) == ["OK", "UNAUTHENTICATED"]


def test_one_session_cannot_take_all_streams(ana: Person) -> None:
    """The twenty-first is refused."""
    event = ana.event()
    request = event_service_pb2.WatchEventRequest(event_id=event.id)
    streams = [ana.events.WatchEvent(request) for _ in range(20)]
    for stream in streams:
        next(stream)
    assert failure(lambda: next(ana.events.WatchEvent(request))).reason == "TOO_MANY_STREAMS"
    for stream in streams:
        stream.cancel()


def test_key_whose_time_is_over_is_new(api: Api, ana: Person) -> None:
    """A week later the same key may be used for another request."""
    now = dt.datetime.now(dt.UTC)
    with api.database.begin() as connection:
        first, other = (idempotency.Key("k", digest * 32) for digest in (b"1", b"2"))
        assert idempotency.claim(connection, ana.user_id, first, now) is None
        idempotency.store_response(connection, ana.user_id, first, b"answer")
        assert idempotency.claim(connection, ana.user_id, first, now) == b"answer"
        later = now + idempotency.KEPT
        assert idempotency.claim(connection, ana.user_id, other, later) is None
