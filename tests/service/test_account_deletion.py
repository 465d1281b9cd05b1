"""DeleteMe asks for the password, and a log-in within the grace takes it back."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select

from howmuch.storage.database import Database
from howmuch.storage.tables import outbox
from howmuch.usecases.account_deletion import due_deletions, finish_deletion
from howmuch.v1 import event_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.rest.serving import serving
from tests.service.api import DELETE_ME, PASSWORD_OF_CHEAP_HASH, Api, Person, failure
from tests.service.conftest import serve
from tests.service.world import PASSWORD


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """A server with the grace that is the default."""
    with contextmanager(serve)(database, deletion_grace_days=7) as made:
        yield made


def log_in(api: Api, email: str) -> us.LogInResponse:
    request = us.LogInRequest(email=email, password=PASSWORD_OF_CHEAP_HASH)
    return api.nobody().users.LogIn(request)


def finish(api: Api, after: dt.timedelta) -> None:
    """What the hourly purge does, so much later."""
    now = dt.datetime.now(dt.UTC) + after
    with api.database.read() as connection:
        leaving = due_deletions(connection, now)
    for user_id in leaving:
        with api.database.begin() as connection:
            finish_deletion(connection, user_id, now)


def names(person: Person, event_id: str) -> list[str]:
    listed = person.events.ListMembers(es.ListMembersRequest(event_id=event_id))
    return [member.name for member in listed.members]


def test_deletion_needs_the_password(api: Api, ana: Person) -> None:
    """Nothing is deleted without it, or with a wrong one."""
    missing = failure(ana.users.DeleteMe, us.DeleteMeRequest())
    assert (missing.code, missing.reason) == ("INVALID_ARGUMENT", "PASSWORD_REQUIRED")
    assert list(missing.fields) == ["password"]
    wrong = failure(ana.users.DeleteMe, us.DeleteMeRequest(password="not the password"))
    assert (wrong.code, wrong.reason) == ("UNAUTHENTICATED", "CREDENTIALS_WRONG")
    assert ana.users.GetMe(us.GetMeRequest()).id == ana.user_id


def test_deletion_ends_all_sessions_and_keeps_the_data_for_the_grace(api: Api) -> None:
    """The address stays taken; in events nothing has changed yet; then all is gone."""
    ana, bo = api.person("Ana"), api.person("Bo")
    event = ana.event()
    bo.join(ana, event.id, event_pb2.ROLE_EDITOR)
    other = api.caller(log_in(api, bo.email).token)
    bo.users.DeleteMe(DELETE_ME)
    for session in (bo, other):
        assert failure(session.users.GetMe, us.GetMeRequest()).reason == "SESSION_INVALID"
    sign_up = us.SignUpRequest(email=bo.email, password=PASSWORD, name="Bo")
    assert failure(api.nobody().users.SignUp, sign_up).reason == "EMAIL_TAKEN"
    finish(api, dt.timedelta(days=6, hours=23))
    assert names(ana, event.id) == ["Ana", "Bo"]
    finish(api, dt.timedelta(days=7, hours=1))
    assert names(ana, event.id) == ["Ana", "Former member"]
    assert failure(log_in, api, bo.email).reason == "CREDENTIALS_WRONG"
    api.nobody().users.SignUp(sign_up)


def test_requested_deletion_is_told_by_mail(api: Api, ana: Person) -> None:
    """Somebody else may have asked for it; a mail tells how to keep the account."""

    def told() -> list[str]:
        with api.database.read() as connection:
            rows = connection.execute(select(outbox).order_by(outbox.c.id)).all()
        return [row.routing_key for row in rows if row.payload.get("user_id") == ana.user_id]

    failure(ana.users.DeleteMe, us.DeleteMeRequest(password="not the password"))
    before = told()
    ana.users.DeleteMe(DELETE_ME)
    assert told() == [*before, "account.deletion.requested"]


def test_log_in_within_the_grace_takes_it_back(api: Api, ana: Person) -> None:
    """And says so, once."""
    event = ana.event()
    ana.users.DeleteMe(DELETE_ME)
    answer = log_in(api, ana.email)
    assert answer.deletion_withdrawn
    assert not log_in(api, ana.email).deletion_withdrawn
    finish(api, dt.timedelta(days=30))
    again = api.caller(answer.token)
    assert again.events.GetEvent(es.GetEventRequest(event_id=event.id)).role == event_pb2.ROLE_OWNER


def test_log_in_that_comes_before_the_purge_wins(api: Api, ana: Person) -> None:
    """The purge has listed the account, and looks again under its lock."""
    ana.users.DeleteMe(DELETE_ME)
    now = dt.datetime.now(dt.UTC) + dt.timedelta(days=8)
    with api.database.read() as connection:
        assert ana.user_id in due_deletions(connection, now)
    log_in(api, ana.email)
    with api.database.begin() as connection:
        assert not finish_deletion(connection, ana.user_id, now)
    assert not log_in(api, ana.email).deletion_withdrawn


def test_grace_can_be_none(database: Database) -> None:
    """For installations that must delete at once."""
    with contextmanager(serve)(database, deletion_grace_days=0) as api:
        ana = api.person()
        ana.users.DeleteMe(DELETE_ME)
        assert failure(log_in, api, ana.email).reason == "CREDENTIALS_WRONG"


def test_deletion_over_rest(sqlite_database: Database) -> None:
    """By POST with the password; an old client is told what to do, and a URL takes no password."""
    with serving(sqlite_database) as (api, rest):
        ana = api.person()
        headers = {"authorization": f"Bearer {ana.token}"}
        url = f"{rest.base_url}/v1/users/me"
        old = httpx.delete(url, headers=headers, timeout=30)
        assert old.status_code == 400
        assert "PASSWORD_REQUIRED" in old.text
        assert "/v1/users/me:delete" in old.text
        query = {"password": PASSWORD_OF_CHEAP_HASH}
        leaky = httpx.delete(url, params=query, headers=headers, timeout=30)
        assert leaky.status_code == 400
        assert "secret" in leaky.text
        body = {"password": PASSWORD_OF_CHEAP_HASH}
        assert rest.post("/v1/users/me:delete", body, headers).status == 200
        assert failure(ana.users.GetMe, us.GetMeRequest()).reason == "SESSION_INVALID"
