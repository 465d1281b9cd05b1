"""A change of address: asked for with the password, confirmed by the new one, undone by the former one."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from howmuch.storage.tables import account_tokens, outbox
from howmuch.usecases import accounts
from howmuch.usecases.tokens import new_token
from howmuch.v1 import user_pb2
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import CHEAP_HASH, DELETE_ME, PASSWORD_OF_CHEAP_HASH, Api, Person, failure
from tests.service.test_account_deletion import log_in
from tests.service.test_log_in_lock import wait_for_lock
from tests.service.test_mail_pages import me, set_locale, text_of, title
from tests.service.world import PASSWORD, contents, mailed_token


@pytest.fixture
def new() -> str:
    """An address that nobody has."""
    return f"{new_token()[:20].lower()}@example.com"


@pytest.fixture
def eve(api: Api) -> Person:
    """Somebody with a verified address."""
    eve = api.person("Eve")
    verify(api, eve)
    return eve


def verify(api: Api, person: Person) -> None:
    token = mailed_token(api, person.user_id, "VERIFY_EMAIL")
    api.nobody().users.VerifyEmail(us.VerifyEmailRequest(token=token))


def ask(person: Person, email: str, password: str = PASSWORD_OF_CHEAP_HASH) -> None:
    person.users.RequestEmailChange(us.RequestEmailChangeRequest(email=email, password=password))


def link_of(api: Api, person: Person, email: str, purpose: str = "CHANGE_EMAIL") -> str:
    """The token in the mail to this address."""
    return mailed_token(api, person.user_id, purpose, email)


def confirm(api: Api, token: str) -> user_pb2.User:
    return api.nobody().users.ConfirmEmailChange(us.ConfirmEmailChangeRequest(token=token))


def undo(api: Api, token: str) -> user_pb2.User:
    return api.nobody().users.UndoEmailChange(us.UndoEmailChangeRequest(token=token))


def change(api: Api, person: Person, email: str) -> str:
    """Changes the address. Returns the token that undoes it."""
    former = me(person).email
    ask(person, email)
    confirm(api, link_of(api, person, email))
    return link_of(api, person, former, "UNDO_EMAIL")


def refusal(call: Any, *given: Any) -> str:
    return failure(call, *given).reason


def told(api: Api, person: Person) -> list[tuple[str, str]]:
    """Routing key and recipient of the mails about a change; empty means the address of the account."""
    statement = select(outbox).where(outbox.c.routing_key.like("account.email.%"))
    with api.database.read() as connection:
        rows = connection.execute(statement.order_by(outbox.c.id)).all()
    return [
        (row.routing_key, row.payload.get("email", ""))
        for row in rows
        if row.payload["user_id"] == person.user_id
    ]


def test_change_is_pending_until_the_new_address_confirms_it(
    api: Api, eve: Person, new: str
) -> None:
    """Only the owner sees it; sessions and their etags know the new address, and log-ins take it."""
    ask(eve, new.upper())
    before = me(eve)
    assert (before.email, before.pending_email) == (eve.email, new)
    user = confirm(api, link_of(api, eve, new))
    assert (user.email, user.pending_email, user.email_verified) == (new, "", True)
    assert me(eve) == user
    assert user.etag != before.etag
    assert log_in(api, new).user.id == eve.user_id
    assert refusal(log_in, api, eve.email) == "CREDENTIALS_WRONG"
    assert told(api, eve) == [("account.email.change", new), ("account.email.changed", eve.email)]


def test_request_says_nothing_of_other_accounts(api: Api, eve: Person, ana: Person) -> None:
    """A taken address is answered as any other; only its owner could confirm it, and is told why not."""
    ask(eve, ana.email)
    assert me(eve).pending_email == ana.email
    refused = failure(confirm, api, link_of(api, eve, ana.email))
    assert (refused.code, refused.reason) == ("ALREADY_EXISTS", "EMAIL_TAKEN")
    assert (me(eve).email, me(ana).email) == (eve.email, ana.email)


def test_request_needs_the_password_and_a_session(api: Api, eve: Person, new: str) -> None:
    """Nothing is pending or mailed after a refusal."""
    assert refusal(ask, eve, new, "not the password") == "CREDENTIALS_WRONG"
    assert refusal(ask, eve, eve.email) == "EMAIL_UNCHANGED"
    eve.users.DeleteMe(DELETE_ME)
    assert refusal(ask, eve, new) == "SESSION_INVALID"
    assert told(api, eve) == []


@pytest.mark.parametrize("by", ["newer request", "password", "reset", "deletion", "time", "use"])
def test_link_that_confirms_dies(api: Api, eve: Person, new: str, by: str) -> None:
    """Its page is gone too, and the address stays."""
    ask(eve, new)
    token = link_of(api, eve, new)
    if by == "newer request":
        ask(eve, f"other.{new}")
    elif by == "password":
        passwords = {"current_password": PASSWORD_OF_CHEAP_HASH, "new_password": PASSWORD}
        eve.users.ChangePassword(us.ChangePasswordRequest(**passwords))
    elif by == "reset":
        reset = mailed_token(api, eve.user_id, "RESET_PASSWORD")
        request = us.ResetPasswordRequest(token=reset, new_password=PASSWORD)
        api.nobody().users.ResetPassword(request)
    elif by == "deletion":
        eve.users.DeleteMe(DELETE_ME)
    elif by == "time":
        age(api, eve, dt.timedelta(hours=24))
        assert me(eve).pending_email == ""
    else:
        confirm(api, token)
    assert refusal(confirm, api, token) == "TOKEN_INVALID"
    show = us.ShowConfirmEmailChangeRequest(token=token)
    assert refusal(api.nobody().users.ShowConfirmEmailChange, show) == "TOKEN_INVALID"


def test_confirmation_waits_for_a_new_password_and_is_refused(postgres_api: Api, new: str) -> None:
    """The change of the password has not committed: the link is looked at again under the lock."""
    database, eve = postgres_api.database, postgres_api.person("Eve")
    ask(eve, new)
    token = link_of(postgres_api, eve, new)
    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            now = dt.datetime.now(dt.UTC)
            accounts.change_password(connection, eve.user_id, "", now, CHEAP_HASH)
            confirming = thread.submit(refusal, confirm, postgres_api, token)
            wait_for_lock(database, connection, confirming)
        assert confirming.result(30) == "TOKEN_INVALID"


def age(api: Api, person: Person, by: dt.timedelta) -> None:
    """Makes the links of somebody older."""
    with api.database.begin() as connection:
        mine = account_tokens.c.user_id == person.user_id
        for row in connection.execute(select(account_tokens).where(mine)).all():
            connection.execute(
                update(account_tokens)
                .where(account_tokens.c.token_hash == row.token_hash)
                .values(expire_time=row.expire_time - by)
            )


def test_confirmed_change_ends_links_to_the_former_address(api: Api, eve: Person, new: str) -> None:
    """A link that sets a password was mailed to a mailbox that is no longer the account's."""
    reset = mailed_token(api, eve.user_id, "RESET_PASSWORD")
    change(api, eve, new)
    request = us.ResetPasswordRequest(token=reset, new_password=PASSWORD)
    assert refusal(api.nobody().users.ResetPassword, request) == "TOKEN_INVALID"


def test_pages_of_the_links_change_nothing(api: Api, eve: Person, new: str) -> None:
    """Opened by a GET, in the language of the user; the form posts the token."""
    set_locale(eve, "fr")
    undo_link = change(api, eve, new)
    ask(eve, f"next.{new}")
    confirm_link = link_of(api, eve, f"next.{new}")
    nobody, before = api.nobody().users, contents(api.database)
    change_page = us.ShowConfirmEmailChangeRequest(token=confirm_link)
    undo_page = us.ShowUndoEmailChangeRequest(token=undo_link)
    for page, token, text in (
        (nobody.ShowConfirmEmailChange(change_page), confirm_link, "Changer l’adresse de votre"),
        (nobody.ShowUndoEmailChange(undo_page), undo_link, "Annuler le changement d’adresse"),
    ):
        assert title(text_of(page)).startswith(text)
        assert f'value="{token}"' in text_of(page)
    assert contents(api.database) == before
    other = us.ShowUndoEmailChangeRequest(token=confirm_link)
    assert refusal(nobody.ShowUndoEmailChange, other) == "TOKEN_INVALID"
