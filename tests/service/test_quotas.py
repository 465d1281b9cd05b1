"""What one user and one event may write and store, and how a refusal says it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest

from howmuch.rpc import quotas
from howmuch.usecases import sessions
from howmuch.usecases.purge import purge
from howmuch.usecases.usage import read_totals
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_pb2, user_pb2
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Failure, Person, failure, failure_of
from tests.service.conftest import NO_QUOTAS, serve
from tests.service.world import PASSWORD, World
from tests.waiting import until

NOTE = "A receipt. " * 900


@contextmanager
def limited(api: Api, **limits: int) -> Iterator[Api]:
    """Another server over the same database, with these quotas."""
    with contextmanager(serve)(api.database, quotas=replace(NO_QUOTAS, **limits)) as strict:
        yield strict


def at(server: Api, person: Person) -> Person:
    """The same session, at another server."""
    return server.caller(person.token, user_id=person.user_id, name=person.name)


def check_refused(failed: Failure, quota: str, subject: str) -> None:
    """That it names the quota, its owner, and the numbers."""
    assert (failed.code, failed.reason) == ("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")
    assert (failed.metadata["quota"], failed.metadata["subject"]) == (quota, subject)
    assert int(failed.metadata["used"]) >= int(failed.metadata["limit"]) > 0
    [violation] = failed.details["QuotaFailure"].violations
    assert (violation.subject, violation.description) == (subject, failed.message)


def uses_of(person: Person, name: str) -> list[user_pb2.Quota]:
    found = person.users.GetMyQuotas(us.GetMyQuotasRequest()).quotas
    return [quota for quota in found if quota.name == name]


def use_of(person: Person, name: str) -> user_pb2.Quota:
    [found] = uses_of(person, name)
    return found


@pytest.fixture
def event_id(ana: Person) -> str:
    return ana.event().id


def note(person: Person, event_id: str, member_id: str = "") -> expense_pb2.Expense:
    """Adds an expense with a long note."""
    member_id = member_id or member_of(person, event_id)
    return person.spend(event_id, member_id, "1.00", member_id, notes=NOTE)


def member_of(person: Person, event_id: str) -> str:
    return person.events.GetEvent(es.GetEventRequest(event_id=event_id)).member_id


def test_writes_of_a_user_in_a_minute_are_limited(api: Api, ana: Person, bo: Person) -> None:
    """Every kind of write counts; reads, other users and the end of a session are never refused."""
    with limited(api, writes_per_minute=4) as strict:
        mine = at(strict, ana)
        event = mine.event()
        mine.spend(event.id, event.member_id, "1.00", event.member_id)
        mine.guest(event.id, "Cy")
        made = mine.spend(event.id, event.member_id, "2.00", event.member_id)
        delete = xs.DeleteExpenseRequest(event_id=event.id, expense_id=made.id)
        for refused in (
            failure(mine.spend, event.id, event.member_id, "3.00", event.member_id),
            failure(mine.expenses.DeleteExpense, delete),
            failure(mine.event),
        ):
            check_refused(refused, "writes_per_minute", ana.user_id)
            assert 1 <= refused.details["RetryInfo"].retry_delay.ToSeconds() <= 120
        assert mine.revision(event.id) == 4
        quota = use_of(mine, "writes_per_minute")
        assert (quota.limit, quota.used, quota.window.seconds) == (4, 4, 60)
        assert quota.available_time.ToSeconds() > dt.datetime.now(dt.UTC).timestamp() - 5
        at(strict, bo).event()
        mine.users.LogOut(us.LogOutRequest())


def test_repeated_delete_and_undelete_of_a_long_note_ends(api: Api, ana: Person) -> None:
    """Also with a key for each call, whose stored answers have the note."""
    event = ana.event()
    which = {"event_id": event.id, "expense_id": note(ana, event.id, event.member_id).id}
    with limited(api, bytes_per_day=100_000) as strict:
        mine = at(strict, ana)
        calls: list[tuple[Any, Any]] = [
            (mine.expenses.DeleteExpense, xs.DeleteExpenseRequest(**which)),
            (mine.expenses.UndeleteExpense, xs.UndeleteExpenseRequest(**which)),
        ]

        def repeat() -> None:
            for number in range(100):
                call, request = calls[number % 2]
                call(request, metadata=(("idempotency-key", str(number)),))

        failed = failure(repeat)
        check_refused(failed, "bytes_per_day", ana.user_id)
        assert failed.details["RetryInfo"].retry_delay.ToSeconds() > 60


def test_bytes_of_an_event_are_limited_for_all_its_members(
    api: Api, ana: Person, bo: Person, event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond them writes are refused, in this event alone; reading and deleting are not."""
    monkeypatch.setattr(quotas, "SYNC_SECONDS", 0.05)
    bo.join(ana, event_id)
    with limited(api, bytes_per_event=50_000) as strict:
        mine, his = at(strict, ana), at(strict, bo)
        made = [note(person, event_id) for person in (mine, his, mine)]
        for person in (mine, his):
            refused = failure(note, person, event_id)
            check_refused(refused, "bytes_per_event", event_id)
            assert "RetryInfo" not in refused.details
        mine.expenses.DeleteExpense(
            xs.DeleteExpenseRequest(event_id=event_id, expense_id=made[0].id)
        )
        note(mine, mine.event().id)
        until(lambda: uses_of(his, "bytes_per_event"), "its bytes")
        [quota] = uses_of(his, "bytes_per_event")
        assert (quota.event_id, quota.limit) == (event_id, 50_000)
        assert quota.used > 3 * len(NOTE)


def test_bytes_of_a_user_are_limited_over_all_events(api: Api, ana: Person, bo: Person) -> None:
    """The bytes count for the user who wrote them, wherever they are."""
    event_id = bo.event().id
    ana.join(bo, event_id)
    with limited(api, bytes_per_user=50_000) as strict:
        mine, his = at(strict, ana), at(strict, bo)
        for where in (event_id, mine.event().id, event_id):
            note(mine, where)
        check_refused(failure(note, mine, event_id), "bytes_per_user", ana.user_id)
        assert use_of(mine, "bytes_per_user").used > 3 * len(NOTE)
        note(his, event_id)


def test_stored_bytes_are_known_to_other_servers_and_after_a_restart(
    api: Api, ana: Person, event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server learns them some seconds after the first write there."""
    monkeypatch.setattr(quotas, "SYNC_SECONDS", 0.05)
    with limited(api, bytes_per_event=50_000) as strict:
        for _ in range(3):
            note(at(strict, ana), event_id)
    with limited(api, bytes_per_event=50_000) as strict:
        mine = at(strict, ana)
        assert use_of(mine, "bytes_per_event").used > 3 * len(NOTE)
        cheap = {"event_id": event_id, "member_id": member_of(mine, event_id)}
        until(lambda: refused(mine, **cheap), "a refusal")


def stored_bytes(api: Api, id_: str) -> int:
    """Of an event, as the database has them."""
    with api.database.read() as connection:
        return read_totals(connection, (id_,), ()).get(id_, 0)


def refused(person: Person, event_id: str, member_id: str) -> bool:
    try:
        person.spend(event_id, member_id, "1.00", member_id)
    except grpc.RpcError as error:
        return failure_of(error).reason == "QUOTA_EXCEEDED"
    return False


def test_bytes_of_a_purged_event_are_free(
    api: Api, ana: Person, event_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who was refused writes again once less is stored."""
    monkeypatch.setattr(quotas, "SYNC_SECONDS", 0.05)
    with limited(api, bytes_per_user=50_000) as strict:
        mine = at(strict, ana)
        for _ in range(3):
            note(mine, event_id)
        other = ana.event()
        assert refused(mine, other.id, other.member_id)
        until(lambda: stored_bytes(api, event_id) > 3 * len(NOTE), "the bytes in the database")
        ana.events.DeleteEvent(es.DeleteEventRequest(event_id=event_id))
        with api.database.begin() as connection:
            purge(connection, dt.datetime.now(dt.UTC) + dt.timedelta(days=31))
            token, _ = sessions.open_session(
                connection, ana.user_id, "", dt.datetime.now(dt.UTC), dt.timedelta(days=1)
            )
        mine = strict.caller(token, user_id=ana.user_id)
        until(lambda: not refused(mine, other.id, other.member_id), "room")


@pytest.mark.parametrize(
    "limit", ["events_per_day", "members_per_day", "invitations_per_day", "events"]
)
def test_events_members_and_invitations_are_limited(
    api: Api, ana: Person, event_id: str, limit: str
) -> None:
    """The third is refused, by its own limit alone; a refused or wrong request does not count."""

    def invite(person: Person) -> None:
        request = es.CreateInvitationRequest(event_id=event_id)
        person.events.CreateInvitation(request)

    calls: dict[str, Any] = {
        "events_per_day": lambda person: person.event(),
        "events": lambda person: person.event(),
        "members_per_day": lambda person: person.guest(event_id, "Cy"),
        "invitations_per_day": invite,
    }
    with limited(api, **{limit: 2}) as strict:
        mine = at(strict, ana)
        assert failure(mine.guest, event_id, "").code == "INVALID_ARGUMENT"
        for _ in range(1 if limit == "events" else 2):
            calls[limit](mine)
        failed = failure(calls[limit], mine)
        check_refused(failed, limit, ana.user_id)
        assert use_of(mine, limit).used == 2
        for other, call in calls.items():
            if not other.startswith(limit.removesuffix("_per_day")):
                call(mine)


def test_member_with_an_address_is_an_invitation(api: Api, ana: Person, event_id: str) -> None:
    """The quota of invitations cannot be passed by adding guests."""
    with limited(api, invitations_per_day=1) as strict:
        mine = at(strict, ana)
        mine.guest(event_id, "Cy", email="cy@example.com")
        failed = failure(mine.guest, event_id, "Di", email="di@example.com")
        check_refused(failed, "invitations_per_day", ana.user_id)
        mine.guest(event_id, "Di")


def test_log_in_beyond_the_sessions_of_a_user_ends_the_oldest(api: Api) -> None:
    """Those of others stay."""
    world = World(api)
    ana, bo = world("stranger"), world("outsider")
    world.set_password(ana)
    with limited(api, sessions=3) as strict:
        users = strict.nobody().users
        tokens = [
            users.LogIn(us.LogInRequest(email=ana.email, password=PASSWORD)).token for _ in range(4)
        ]
        get = us.GetMeRequest()
        assert failure(at(strict, ana).users.GetMe, get).reason == "SESSION_INVALID"
        assert failure(strict.caller(tokens[0]).users.GetMe, get).reason == "SESSION_INVALID"
        for token in tokens[1:]:
            strict.caller(token).users.GetMe(get)
        assert use_of(strict.caller(tokens[-1]), "sessions").used == 3
        at(strict, bo).users.GetMe(get)


def test_quotas_without_a_limit_show_their_use(ana: Person, event_id: str) -> None:
    """The limit is 0, and nothing is refused."""
    found = ana.users.GetMyQuotas(us.GetMyQuotasRequest()).quotas
    names = [quota.name for quota in found]
    assert names[:8] == [
        "writes_per_minute",
        "bytes_per_day",
        "events_per_day",
        "members_per_day",
        "invitations_per_day",
        "bytes_per_user",
        "sessions",
        "events",
    ]
    assert {quota.limit for quota in found} == {0}
    assert use_of(ana, "events").used == use_of(ana, "events_per_day").used == 1
    assert use_of(ana, "bytes_per_day").used > 0
