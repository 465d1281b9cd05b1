"""What a reader of the database or the log learns of passwords: nothing, and what an operator has to know."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from howmuch.storage.tables import idempotency_keys
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import PASSWORD_OF_CHEAP_HASH, Api, Person, failure

NEW = "another password 4"
CHANGE = us.ChangePasswordRequest(current_password=PASSWORD_OF_CHEAP_HASH, new_password=NEW)
KEY = (("idempotency-key", "a-key"),)


def stored(api: Api, person: Person) -> bytes:
    with api.database.read() as connection:
        statement = select(idempotency_keys.c.request_hash)
        found = connection.execute(statement.where(idempotency_keys.c.user_id == person.user_id))
        return bytes(found.scalar_one())


def test_key_of_a_secret_cannot_be_guessed_from_the_database(api: Api, ana: Person) -> None:
    """No fast hash of what the database and the request hold is the stored one."""
    ana.users.ChangePassword(CHANGE, metadata=KEY)
    path = b"/howmuch.v1.UserService/ChangePassword"
    asked = CHANGE.SerializeToString(deterministic=True)
    session = hashlib.sha256(ana.token.encode()).digest()
    guesses = [
        hashlib.sha256(prefix + path + between + asked).digest()
        for prefix in (b"", session, session.hex().encode(), ana.user_id.encode())
        for between in (b"", session)
    ]
    assert stored(api, ana) not in guesses


def test_key_of_a_secret_is_one_request(api: Api, ana: Person) -> None:
    """The same request is answered again; another password under the same key is another request."""
    for _ in range(2):
        ana.users.ChangePassword(CHANGE, metadata=KEY)
    other = us.ChangePasswordRequest(current_password=NEW, new_password="another password 5")
    refused = failure(lambda: ana.users.ChangePassword(other, metadata=KEY))
    assert refused.reason == "IDEMPOTENCY_KEY_REUSED"


def line_of(call: Callable[[], Any]) -> dict[str, Any]:
    """The access line of a call that fails."""
    with capture_logs() as lines:
        failure(call)
    [line] = [line for line in lines if line["event"] == "rpc"]
    return dict(line)


def test_refused_log_in_has_the_account(api: Api, ana: Person) -> None:
    """Known or not; what is no address is not logged, since it may be a password."""
    for email, account in (
        (ana.email.upper(), ana.email),
        ("nobody@example.com", "nobody@example.com"),
        ("correct horse", None),
    ):
        request = us.LogInRequest(email=email, password="not the password")
        line = line_of(lambda request=request: api.nobody().users.LogIn(request))  # type: ignore[misc]
        assert line.get("account") == account
    with capture_logs() as lines:
        right = us.LogInRequest(email=ana.email, password=PASSWORD_OF_CHEAP_HASH)
        api.nobody().users.LogIn(right)
    assert not [line for line in lines if "account" in line]


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_refused_member_is_in_the_line(api: Api, ana: Person, bo: Person, who: str) -> None:
    """Whoever has a session is known, whatever the code."""
    event = ana.event()
    if who == "viewer":
        bo.join(ana, event.id, event_pb2.ROLE_VIEWER)
    delete = es.DeleteEventRequest(event_id=event.id)
    line = line_of(lambda: bo.events.DeleteEvent(delete))
    assert line["code"] == {"viewer": "PERMISSION_DENIED", "stranger": "NOT_FOUND"}[who]
    assert line["user_id"] == bo.user_id


def test_wrong_current_password_has_the_user(ana: Person) -> None:
    """Somebody may have stolen the session."""
    wrong = us.ChangePasswordRequest(current_password="not the password", new_password=NEW)
    line = line_of(lambda: ana.users.ChangePassword(wrong))
    assert (line["reason"], line["user_id"]) == ("CREDENTIALS_WRONG", ana.user_id)
