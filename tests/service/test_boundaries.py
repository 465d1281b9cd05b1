"""To the microsecond: until when a session, a link or a key is good; and what a link is good for."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from howmuch.errors import FailedPrecondition, HowmuchError, NotFound, Unauthenticated
from howmuch.ids import SESSION, new_id
from howmuch.model import Caller, Role
from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases import account_tokens, accounts, sessions
from howmuch.usecases.access import authenticate, authorize, authorize_known
from howmuch.usecases.idempotency import Key, claim, store_response
from howmuch.usecases.tokens import hash_token
from howmuch.usecases.unsubscribe import read_mail_subject, unsubscribe
from tests.service.api import Api, Person
from tests.service.world import mail_token

MOMENT = dt.timedelta(microseconds=1)
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


def good(call: Callable[[], object], *reasons: str) -> bool:
    """Whether a call succeeds; it may fail for these reasons alone."""
    try:
        call()
    except HowmuchError as error:
        assert error.reason in reasons  # noqa: PT017 - it may succeed as well
        return False
    return True


def test_session_ends_at_its_time(api: Api, ana: Person) -> None:
    """At that very moment it is over."""
    with api.database.begin() as connection:
        token, session = sessions.open_session(
            connection, ana.user_id, "", NOW, dt.timedelta(days=1)
        )
        assert session.expire_time == NOW + dt.timedelta(days=1)

        def ask(at: dt.datetime) -> bool:
            return good(lambda: authenticate(connection, hash_token(token), at), "SESSION_INVALID")

        assert ask(session.expire_time - MOMENT)
        assert not ask(session.expire_time)


def test_session_of_a_deleted_account_opens_nothing(api: Api, ana: Person) -> None:
    """Also where its row is still there."""
    event = ana.event()
    gone = {"email": None, "password_hash": None, "delete_time": NOW}
    with api.database.begin() as connection:
        accounts.write_user(connection, ana.user_id, **gone)
        token_hash, now = hash_token(ana.token), dt.datetime.now(dt.UTC)
        with pytest.raises(Unauthenticated):
            authenticate(connection, token_hash, now)
        with pytest.raises(Unauthenticated):
            authorize(connection, token_hash, now, event.id, Role.VIEWER)


def test_member_who_has_left_is_nobody(api: Api, ana: Person, bo: Person) -> None:
    """By both ways to ask: with the session, and for a session that is remembered."""
    event = ana.event()
    mine = bo.join(ana, event.id).member_id
    caller, token = Caller(bo.user_id, new_id(SESSION), NOW), mail_token(api, bo.user_id)
    now = dt.datetime.now(dt.UTC)
    with api.database.begin() as connection:
        assert authorize_known(connection, caller, event.id, Role.VIEWER).in_event.member_id == mine
        assert read_mail_subject(connection, token, event.id).event_name == event.name
        inactive = update(tables.members).where(tables.members.c.id == mine)
        connection.execute(inactive.values(state="INACTIVE"))
        with pytest.raises(NotFound):
            authorize_known(connection, caller, event.id, Role.VIEWER)
        with pytest.raises(NotFound):
            authorize(connection, hash_token(bo.token), now, event.id, Role.VIEWER)
        # Nor does the page of the link in old mails say how the event is called by now.
        assert read_mail_subject(connection, token, event.id).event_name == ""


LINKS = [("VERIFY_EMAIL", dt.timedelta(days=7)), ("RESET_PASSWORD", dt.timedelta(hours=1))]


@pytest.mark.parametrize(("purpose", "ttl"), LINKS)
def test_link_is_good_for_its_time_and_its_purpose(
    api: Api, ana: Person, purpose: str, ttl: dt.timedelta
) -> None:
    """Its page is shown until the moment it expires, and for no other purpose."""
    other = "VERIFY_EMAIL" if purpose == "RESET_PASSWORD" else "RESET_PASSWORD"
    with api.database.begin() as connection:
        token, expire_time = account_tokens.new_account_token(connection, ana.user_id, purpose, NOW)
        assert expire_time == NOW + ttl

        def shown(at: dt.datetime, what: str = purpose) -> bool:
            return good(
                lambda: account_tokens.read_token_locale(connection, token, what, at),
                "TOKEN_INVALID",
            )

        assert shown(expire_time - MOMENT)
        assert not shown(expire_time)
        assert not shown(NOW, other)


def test_new_link_replaces_the_old_one_of_its_purpose_alone(
    api: Api, ana: Person, bo: Person
) -> None:
    """A link that verifies stays good when a reset is asked for, and those of others do."""
    with api.database.begin() as connection:

        def made(person: Person, purpose: str) -> str:
            return account_tokens.new_account_token(connection, person.user_id, purpose, NOW)[0]

        def is_good(token: str, purpose: str) -> bool:
            return good(
                lambda: account_tokens.read_token_locale(connection, token, purpose, NOW),
                "TOKEN_INVALID",
            )

        first, of_bo = made(ana, "RESET_PASSWORD"), made(bo, "RESET_PASSWORD")
        verify = made(ana, "VERIFY_EMAIL")
        second = made(ana, "RESET_PASSWORD")
        assert not is_good(first, "RESET_PASSWORD")
        assert is_good(second, "RESET_PASSWORD")
        assert is_good(of_bo, "RESET_PASSWORD")
        assert is_good(verify, "VERIFY_EMAIL")


def test_expired_link_is_not_used(api: Api, ana: Person) -> None:
    """Neither resets the password nor verifies the address."""
    with api.database.begin() as connection:
        for purpose, use in (
            ("RESET_PASSWORD", lambda t, at: accounts.reset_password(connection, at, t, "hash")),
            ("VERIFY_EMAIL", lambda t, at: accounts.verify_email(connection, at, t)),
        ):
            token, end = account_tokens.new_account_token(connection, ana.user_id, purpose, NOW)
            with pytest.raises(FailedPrecondition):
                use(token, end)
            use(token, end - MOMENT)
            with pytest.raises(FailedPrecondition):
                use(token, NOW)


def test_idempotency_key_is_kept_for_seven_days(api: Api, ana: Person, bo: Person) -> None:
    """A microsecond before it is answered; then it is free; and it is of one user."""
    key = Key("k", bytes(32))
    week = dt.timedelta(days=7)
    with api.database.begin() as connection:
        assert claim(connection, ana.user_id, key, NOW) is None
        store_response(connection, ana.user_id, key, b"answer")
        assert claim(connection, bo.user_id, key, NOW) is None
        assert claim(connection, ana.user_id, key, NOW + week - MOMENT) == b"answer"
        assert claim(connection, ana.user_id, key, NOW + week) is None


def user_row(database: Database, user_id: str) -> tuple[str, int, dt.datetime]:
    columns = (tables.users.c.mail_mode, tables.users.c.version, tables.users.c.update_time)
    with database.read() as connection:
        row = connection.execute(select(*columns).where(tables.users.c.id == user_id)).one()
    return row[0], row[1], row[2]


def test_turning_mails_off_raises_the_version_once(api: Api, ana: Person, bo: Person) -> None:
    """So an etag from before is stale; a second click changes nothing; others keep their mails."""
    token = mail_token(api, ana.user_id)
    _, before, _ = user_row(api.database, ana.user_id)
    other = user_row(api.database, bo.user_id)
    first = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    for now in (first, first + dt.timedelta(hours=1)):
        with api.database.begin() as connection:
            unsubscribe(connection, token, "", now)
        assert user_row(api.database, ana.user_id) == ("OFF", before + 1, first)
    assert user_row(api.database, bo.user_id) == other


def test_new_password_is_told_by_mail(api: Api, ana: Person, bo: Person) -> None:
    """Changed or reset: one message each, for that account alone."""
    kind = "account.password.changed"
    with api.database.begin() as connection:
        token = account_tokens.new_account_token(connection, bo.user_id, "RESET_PASSWORD", NOW)[0]
        last = connection.execute(select(func.max(tables.outbox.c.id))).scalar() or 0
        accounts.change_password(connection, ana.user_id, "", NOW, "hash")
        accounts.reset_password(connection, NOW, token, "hash")
        columns = (tables.outbox.c.routing_key, tables.outbox.c.payload)
        rows = connection.execute(
            select(*columns).where(tables.outbox.c.id > last).order_by(tables.outbox.c.id)
        ).all()
    told = [(row.routing_key, row.payload["user_id"]) for row in rows]
    assert told == [(kind, ana.user_id), (kind, bo.user_id)]
