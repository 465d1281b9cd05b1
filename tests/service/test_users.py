"""Accounts and sessions: from sign-up to the end."""

import datetime as dt
from typing import Any

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import select, update

from howmuch.storage.tables import account_tokens, events, outbox, sessions
from howmuch.storage.tables import users as users_table
from howmuch.v1 import change_pb2, event_pb2, expense_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import DELETE_ME, Api, Person, failure, failure_of
from tests.service.world import PASSWORD, World, mail_token, mailed_token


def log_in(api: Api, email: str, password: str = PASSWORD, client: str = "") -> Person:
    """Opens a session with a password."""
    request = us.LogInRequest(email=email, password=password, client=client)
    answer = api.nobody().users.LogIn(request)
    return api.caller(answer.token, user_id=answer.user.id, email=answer.user.email)


def with_password(api: Api, name: str = "Ana") -> Person:
    """Somebody whose password is PASSWORD."""
    person = api.person(name)
    World(api).set_password(person)
    return person


def me(person: Person) -> user_pb2.User:
    """Their account."""
    return person.users.GetMe(us.GetMeRequest())


def is_in(person: Person) -> bool:
    """Whether their session is alive."""
    try:
        return bool(me(person).id)
    except grpc.RpcError as error:
        return failure_of(error).reason != "SESSION_INVALID"


def sessions_of(person: Person) -> list[user_pb2.Session]:
    """Their sessions, newest first."""
    return list(person.users.ListSessions(us.ListSessionsRequest()).sessions)


def test_sign_up_log_in_log_out(api: Api) -> None:
    """An account has defaults, its address in lower case; its token opens it until it is logged out."""
    email = f"New.{dt.datetime.now(dt.UTC).timestamp()}@Example.com"
    request = us.SignUpRequest(email=f" {email} ", password=PASSWORD, name=" Ana ")
    user = api.nobody().users.SignUp(request)
    assert (user.email, user.name, user.email_verified) == (email.lower(), "Ana", False)
    assert (user.locale, user.time_zone, user.currency_code) == ("en", "UTC", "EUR")
    assert user.mail_mode == user_pb2.MAIL_MODE_EACH_CHANGE
    taken = failure(lambda: api.nobody().users.SignUp(request))
    assert (taken.code, taken.reason) == ("ALREADY_EXISTS", "EMAIL_TAKEN")
    ana = log_in(api, email.upper(), client="laptop")
    assert me(ana) == user
    (session,) = sessions_of(ana)
    assert (session.client, session.current) == ("laptop", True)
    kept = session.expire_time.ToDatetime() - session.create_time.ToDatetime()
    assert kept == dt.timedelta(days=30)
    ana.users.LogOut(us.LogOutRequest())
    assert not is_in(ana)


def test_wrong_credentials(api: Api) -> None:
    """A wrong password and an unknown address answer the same."""
    email = with_password(api).email
    first = failure(lambda: log_in(api, email, "not the password"))
    second = failure(lambda: log_in(api, "nobody@example.com"))
    assert (first.code, first.reason) == ("UNAUTHENTICATED", "CREDENTIALS_WRONG")
    assert (first.message, first.metadata) == (second.message, second.metadata)


def test_sessions(api: Api) -> None:
    """They are listed newest first and ended one by one; nobody ends those of others; they expire."""
    ana = with_password(api)
    laptop, phone = (log_in(api, ana.email, client=name) for name in ("laptop", "phone"))
    listed = sessions_of(laptop)
    assert [(s.client, s.current) for s in listed] == [
        ("phone", False),
        ("laptop", True),
        ("test", False),
    ]
    revoke = us.RevokeSessionRequest(session_id=listed[0].id)
    failed = failure(lambda: api.person("Bo").users.RevokeSession(revoke))
    assert (failed.code, failed.reason) == ("NOT_FOUND", "SESSION_NOT_FOUND")
    laptop.users.RevokeSession(revoke)
    assert (is_in(phone), is_in(laptop)) == (False, True)
    assert failure(lambda: laptop.users.RevokeSession(revoke)).code == "NOT_FOUND"
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    with api.database.begin() as connection:
        statement = update(sessions).where(sessions.c.id == listed[1].id)
        connection.execute(
            statement.values(create_time=past - dt.timedelta(days=1), expire_time=past)
        )
    assert not is_in(laptop)
    assert [s.client for s in sessions_of(ana)] == ["test"]


def test_change_password_ends_the_other_sessions(api: Api) -> None:
    """The session that changes it stays; the old password opens nothing more."""
    ana = with_password(api)
    other = log_in(api, ana.email)
    wrong = us.ChangePasswordRequest(current_password="wrong", new_password="another one 1")
    failed = failure(lambda: ana.users.ChangePassword(wrong))
    assert (failed.code, failed.reason) == ("UNAUTHENTICATED", "CREDENTIALS_WRONG")
    assert is_in(other)
    right = us.ChangePasswordRequest(current_password=PASSWORD, new_password="another one 1")
    ana.users.ChangePassword(right)
    assert (is_in(ana), is_in(other)) == (True, False)
    assert failure(lambda: log_in(api, ana.email)).reason == "CREDENTIALS_WRONG"
    assert is_in(log_in(api, ana.email, "another one 1"))


def expire_tokens(api: Api, person: Person) -> None:
    """Makes the tokens that were mailed to somebody too old."""
    with api.database.begin() as connection:
        statement = update(account_tokens).where(account_tokens.c.user_id == person.user_id)
        connection.execute(statement.values(expire_time=dt.datetime.now(dt.UTC)))


def test_another_link_that_verifies(api: Api, ana: Person) -> None:
    """It is asked for as at the sign-up, until the address is verified."""
    ana.users.RequestEmailVerification(us.RequestEmailVerificationRequest())
    with api.database.read() as connection:
        payloads = connection.execute(
            select(outbox.c.payload).where(outbox.c.routing_key == "account.verify")
        ).scalars()
        assert ana.user_id in [payload["user_id"] for payload in payloads]
    token = mailed_token(api, ana.user_id, "VERIFY_EMAIL")
    api.nobody().users.VerifyEmail(us.VerifyEmailRequest(token=token))
    again = failure(
        lambda: ana.users.RequestEmailVerification(us.RequestEmailVerificationRequest())
    )
    assert (again.code, again.reason) == ("FAILED_PRECONDITION", "EMAIL_VERIFIED")


def test_verify_email(api: Api, ana: Person, bo: Person) -> None:
    """The mailed token verifies the address, once, and not when it is too old or for something else."""
    request = us.VerifyEmailRequest(token=mailed_token(api, ana.user_id, "VERIFY_EMAIL"))
    assert not me(ana).email_verified
    assert api.nobody().users.VerifyEmail(request).email_verified
    assert me(ana).email_verified
    late = mailed_token(api, bo.user_id, "VERIFY_EMAIL")
    expire_tokens(api, bo)
    for token in (
        request.token,
        late,
        mailed_token(api, bo.user_id, "RESET_PASSWORD"),
        mail_token(api, bo.user_id),
        "x" * 43,
    ):
        again = us.VerifyEmailRequest(token=token)
        failed = failure(api.nobody().users.VerifyEmail, again)
        assert (failed.code, failed.reason) == ("FAILED_PRECONDITION", "TOKEN_INVALID")
    assert not me(bo).email_verified


def test_reset_password(api: Api) -> None:
    """The newest mailed token sets a password, once, within the hour, and ends every session."""
    ana = with_password(api)
    older, token = (mailed_token(api, ana.user_id, "RESET_PASSWORD") for _ in "12")
    reset = us.ResetPasswordRequest(token=token, new_password="another one 2")
    api.nobody().users.ResetPassword(reset)
    assert not is_in(ana)
    assert is_in(log_in(api, ana.email, "another one 2"))
    late = mailed_token(api, ana.user_id, "RESET_PASSWORD")
    expire_tokens(api, ana)
    for spent in (older, token, late):
        request = us.ResetPasswordRequest(token=spent, new_password="another one 3")
        failed = failure(api.nobody().users.ResetPassword, request)
        assert failed.reason == "TOKEN_INVALID"


def test_reset_of_an_unknown_address_is_like_any_other(api: Api) -> None:
    """Known or not, it writes the same row, which names the address: whether to mail is seen later."""
    written = []
    for email in (api.person().email, "nobody@example.com"):
        api.nobody().users.RequestPasswordReset(us.RequestPasswordResetRequest(email=email))
        with api.database.read() as connection:
            row = connection.execute(select(outbox).order_by(outbox.c.id.desc()).limit(1)).one()
        assert row.payload.pop("email") == email
        assert row.payload.pop("delivery_id").startswith("dlv_")
        written.append((row.routing_key, row.payload, row.due_time, row.attempts))
    assert written == [("account.reset", {}, None, 0)] * 2


@pytest.mark.parametrize(
    ("paths", "fields", "changed"),
    [
        (None, {"name": "Anna", "currency_code": "JPY"}, {"name": "Anna", "currency_code": "JPY"}),
        (["locale"], {"locale": "pt-BR", "name": "No"}, {"locale": "pt-BR"}),
        (["time_zone"], {"time_zone": "Europe/Lisbon"}, {"time_zone": "Europe/Lisbon"}),
        (["mail_mode"], {"mail_mode": user_pb2.MAIL_MODE_OFF}, {"mail_mode": 3}),
        (None, {"name": "Ana"}, {}),
    ],
)
def test_update_me(
    ana: Person, paths: list[str] | None, fields: dict[str, Any], changed: dict[str, Any]
) -> None:
    """Only what can be changed is, and only that; without any difference the etag stays."""
    before = me(ana)
    request = us.UpdateMeRequest(
        user=user_pb2.User(**fields),
        update_mask=None if paths is None else FieldMask(paths=paths),
    )
    after = ana.users.UpdateMe(request)
    assert me(ana) == after
    different = {
        f.name
        for f in user_pb2.User.DESCRIPTOR.fields
        if getattr(after, f.name) != getattr(before, f.name)
    }
    assert different - {"etag", "update_time"} == set(changed)
    assert {name: getattr(after, name) for name in changed} == changed
    assert ("etag" in different) is bool(changed)


def test_delete_me(api: Api, ana: Person) -> None:
    """The account is gone and its address free; in events a guest is left, and every balance."""
    bo, cy = with_password(api, "Bo"), api.person("Cy")
    shared = bo.event()
    viewer = cy.join(bo, shared.id, event_pb2.ROLE_VIEWER).member_id
    editor = ana.join(bo, shared.id, event_pb2.ROLE_EDITOR).member_id
    bo.spend(shared.id, shared.member_id, "10.00")
    alone = bo.event()
    bo.guest(alone.id, "Guest")
    nets = ana.nets(shared.id)
    second = log_in(api, bo.email)
    mail_token(api, bo.user_id)
    bo.users.DeleteMe(us.DeleteMeRequest(password=PASSWORD))
    assert not is_in(bo)
    assert not is_in(second)
    assert failure(lambda: log_in(api, bo.email)).reason == "CREDENTIALS_WRONG"
    members = {
        m.id: m for m in ana.events.ListMembers(es.ListMembersRequest(event_id=shared.id)).members
    }
    former = members[shared.member_id]
    assert (former.name, former.user_id) == ("Former member", "")
    assert former.state == event_pb2.MEMBER_STATE_ACTIVE
    # The heir is of the highest role there is, and among those the longest-member_state.
    assert members[editor].role == event_pb2.ROLE_OWNER
    assert members[viewer].role == event_pb2.ROLE_VIEWER
    assert ana.nets(shared.id) == nets
    changes = ana.events.ListChanges(es.ListChangesRequest(event_id=shared.id)).changes
    assert [c.kind for c in changes[-2:]] == [
        change_pb2.CHANGE_KIND_MEMBER_LEFT,
        change_pb2.CHANGE_KIND_MEMBER_UPDATED,
    ]
    assert [c.revision for c in changes] == list(range(1, ana.revision(shared.id) + 1))
    with api.database.read() as connection:
        row = connection.execute(select(users_table).where(users_table.c.id == bo.user_id)).one()
        assert (row.email, row.password_hash, row.name) == (None, None, "Former member")
        assert row.mail_token is None
        deleted = select(events.c.delete_time).where(events.c.id == alone.id)
        assert connection.execute(deleted).scalar_one() is not None
    again = us.SignUpRequest(email=bo.email, password=PASSWORD, name="Bo")
    assert api.nobody().users.SignUp(again).id != bo.user_id


def test_delete_me_debt_can_still_be_settled(ana: Person, bo: Person) -> None:
    """What who has gone still owes can be paid and then they can be removed, as any guest."""
    event = ana.event()
    his = bo.join(ana, event.id).member_id
    ana.spend(event.id, event.member_id, "4.00", his)
    bo.users.DeleteMe(DELETE_ME)
    transfer = expense_pb2.EXPENSE_KIND_TRANSFER
    ana.spend(event.id, his, "4.00", event.member_id, kind=transfer)
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=his))
    assert set(ana.nets(event.id).values()) == {"0.00"}
