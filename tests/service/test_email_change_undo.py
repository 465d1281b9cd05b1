"""The former address of an account: kept for a week, in which it undoes the change."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from howmuch.ids import DELIVERY, new_id
from howmuch.mail.delivery.account_mails import tell_account
from howmuch.mail.delivery.mail_limits import MailLimits
from howmuch.storage.tables import account_tokens, deliveries, users
from howmuch.usecases import email_change
from howmuch.usecases.purge import purge
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import DELETE_ME, PASSWORD_OF_CHEAP_HASH, Api, Person
from tests.service.test_account_deletion import log_in
from tests.service.test_email_change import (
    age,
    ask,
    change,
    confirm,
    eve,
    link_of,
    new,
    refusal,
    told,
    undo,
)
from tests.service.test_mail_pages import me
from tests.service.world import PASSWORD, mailed_token

__all__ = ["eve", "new"]

WEEK = dt.timedelta(days=7)


def test_former_address_is_kept_for_a_week(api: Api, eve: Person, ana: Person, new: str) -> None:
    """Others are answered as for a taken address; then anybody may have it."""
    token = change(api, eve, new)
    sign_up = us.SignUpRequest(email=eve.email, password=PASSWORD, name="Mallory")
    assert refusal(api.nobody().users.SignUp, sign_up) == "EMAIL_TAKEN"
    ask(ana, eve.email)
    wanted = link_of(api, ana, eve.email)
    assert refusal(confirm, api, wanted) == "EMAIL_TAKEN"
    age(api, eve, WEEK)
    assert refusal(undo, api, token) == "TOKEN_INVALID"
    assert confirm(api, wanted).email == eve.email


def test_undo_returns_the_address_and_ends_all_access(api: Api, eve: Person, new: str) -> None:
    """Sessions, links and a pending change of a stranger; both addresses are told."""
    token = change(api, eve, new)
    strangers = api.caller(log_in(api, new).token)
    ask(strangers, f"next.{new}")
    pending = link_of(api, eve, f"next.{new}")
    reset = mailed_token(api, eve.user_id, "RESET_PASSWORD")
    user = undo(api, token)
    assert (user.email, user.email_verified, user.pending_email) == (eve.email, True, "")
    for session in (eve, strangers):
        assert refusal(session.users.GetMe, us.GetMeRequest()) == "SESSION_INVALID"
    request = us.ResetPasswordRequest(token=reset, new_password=PASSWORD)
    assert refusal(api.nobody().users.ResetPassword, request) == "TOKEN_INVALID"
    assert refusal(confirm, api, pending) == "TOKEN_INVALID"
    assert refusal(undo, api, token) == "TOKEN_INVALID"
    assert refusal(log_in, api, new) == "CREDENTIALS_WRONG"
    assert log_in(api, eve.email).user.id == eve.user_id
    assert told(api, eve)[-2:] == [("account.email.undone", ""), ("account.email.undone", new)]


def test_undo_locks_out_a_password_that_was_set_since(api: Api, eve: Person, new: str) -> None:
    """Its owner gets in by the link in the mail that follows; whoever set the password does not."""
    token = change(api, eve, new)
    passwords = {"current_password": PASSWORD_OF_CHEAP_HASH, "new_password": PASSWORD}
    eve.users.ChangePassword(us.ChangePasswordRequest(**passwords))
    assert undo(api, token).email == eve.email
    stranger = us.LogInRequest(email=eve.email, password=PASSWORD)
    assert refusal(api.nobody().users.LogIn, stranger) == "CREDENTIALS_WRONG"
    reset = mailed_token(api, eve.user_id, "RESET_PASSWORD")
    request = us.ResetPasswordRequest(token=reset, new_password="another one 7")
    api.nobody().users.ResetPassword(request)
    mine = us.LogInRequest(email=eve.email, password="another one 7")
    assert api.nobody().users.LogIn(mine).user.email == eve.email


def test_undo_works_while_a_deletion_is_pending(api: Api, eve: Person, new: str) -> None:
    """Else whoever took the account over could make it final."""
    token = change(api, eve, new)
    with api.database.begin() as connection:
        due = {"deletion_due_time": dt.datetime.now(dt.UTC) + WEEK}
        connection.execute(update(users).where(users.c.id == eve.user_id).values(**due))
    assert undo(api, token).email == eve.email
    assert log_in(api, eve.email).deletion_withdrawn


def test_earliest_undo_wins(api: Api, eve: Person, new: str) -> None:
    """A stranger who changes the address twice cannot return to the first one after the undo."""
    first = change(api, eve, new)
    second = change(api, eve, f"next.{new}")
    assert undo(api, first).email == eve.email
    assert refusal(undo, api, second) == "TOKEN_INVALID"


def test_undo_of_a_later_change_keeps_the_earlier_one(api: Api, eve: Person, new: str) -> None:
    """Even after the stranger has undone one, the owner of the first address can."""
    first = change(api, eve, new)
    second = change(api, eve, f"next.{new}")
    assert undo(api, second).email == new
    assert undo(api, first).email == eve.email


def test_undo_of_an_address_that_was_taken_is_refused(
    api: Api, eve: Person, ana: Person, new: str
) -> None:
    """By a program of before, which does not keep it; nothing changes then."""
    token = change(api, eve, new)
    with api.database.begin() as connection:
        taken = update(users).where(users.c.id == ana.user_id).values(email=eve.email)
        connection.execute(taken)
    assert refusal(undo, api, token) == "EMAIL_TAKEN"
    assert me(eve).email == new


def test_unverified_former_address_gets_no_link(api: Api, ana: Person, new: str) -> None:
    """It may be a stranger's by a slip of the pen: no mail, no way back, and it is free again."""
    ask(ana, new)
    assert confirm(api, link_of(api, ana, new)).email_verified
    assert told(api, ana) == [("account.email.change", new)]
    sign_up = us.SignUpRequest(email=ana.email, password=PASSWORD, name="Ana")
    api.nobody().users.SignUp(sign_up)


def test_number_of_changes_is_bounded(
    api: Api, eve: Person, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each keeps an address from others."""
    monkeypatch.setattr(email_change, "MOST_CHANGES", 2)
    for number in "12":
        change(api, eve, f"{number}.{new}")
    assert refusal(ask, eve, new) == "TOO_MANY_EMAIL_CHANGES"
    age(api, eve, WEEK)
    ask(eve, new)


def test_links_are_purged_and_go_with_the_account(api: Api, eve: Person, new: str) -> None:
    """They have addresses in them."""
    change(api, eve, new)
    ask(eve, f"next.{new}")
    mine = select(account_tokens.c.email).where(account_tokens.c.user_id == eve.user_id)
    with api.database.begin() as connection:
        assert set(connection.execute(mine).scalars()) == {eve.email, f"next.{new}"}
    age(api, eve, WEEK)
    with api.database.begin() as connection:
        purge(connection, dt.datetime.now(dt.UTC))
        assert not connection.execute(mine).all()
    change(api, eve, f"last.{new}")
    with api.database.begin() as connection:
        tell_account(
            connection,
            "account.email.changed",
            user_id=eve.user_id,
            email=new,
            delivery_id=new_id(DELIVERY),
            now=dt.datetime.now(dt.UTC),
            limits=MailLimits(),
        )
    eve.users.DeleteMe(DELETE_ME)
    with api.database.begin() as connection:
        assert not connection.execute(mine).all()
        recipient = select(deliveries.c.email).where(deliveries.c.user_id == eve.user_id)
        assert connection.execute(recipient).scalars().all() == [None]
