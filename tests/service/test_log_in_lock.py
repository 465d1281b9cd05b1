"""A log-in under way while the password changes: whichever commits first, no session outlives it.

The database says who waits for whom; nothing here depends on how long that takes.
"""

import datetime as dt
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Connection, text

from howmuch.errors import Unauthenticated
from howmuch.storage.database import Database
from howmuch.usecases import account_tokens, accounts, sessions
from howmuch.usecases.access import authenticate
from howmuch.usecases.tokens import hash_token
from tests.service.api import CHEAP_HASH, Api, Person
from tests.waiting import until

OLD, NEW = CHEAP_HASH, "the hash of another password"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def pid_of(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def blocked_by(database: Database, pid: int) -> list[int]:
    """Backends that wait for a lock of this one."""
    with database.read() as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE :pid = ANY(pg_blocking_pids(pid))"),
            {"pid": pid},
        )
        return list(found.scalars())


def wait_for_lock(database: Database, holder: Connection, waiting: Future[Any]) -> None:
    """Until `waiting` waits for a lock of `holder`; it may not be done before."""
    pid = pid_of(holder)
    until(lambda: blocked_by(database, pid) or waiting.done(), "a wait for a lock")
    assert blocked_by(database, pid)
    assert not waiting.done()


def log_in(connection: Connection, person: Person) -> str:
    """What LogIn does once the password was verified."""
    sessions.check_still_valid(connection, person.user_id, OLD)
    return sessions.open_session(connection, person.user_id, "", now(), dt.timedelta(days=1))[0]


def is_open(database: Database, token: str) -> bool:
    with database.read() as connection:
        try:
            return bool(authenticate(connection, hash_token(token), now()))
        except Unauthenticated:
            return False


@pytest.mark.parametrize("change", ["change", "reset"])
def test_change_waits_for_a_log_in_and_ends_its_session(postgres_api: Api, change: str) -> None:
    """The log-in has looked at the password and not committed: the change waits, and ends it."""
    database, person = postgres_api.database, postgres_api.person()
    with database.begin() as connection:
        reset = account_tokens.new_account_token(
            connection, person.user_id, "RESET_PASSWORD", now()
        )[0]

    def change_password() -> None:
        with database.begin() as connection:
            if change == "reset":
                accounts.reset_password(connection, now(), reset, NEW)
            else:
                accounts.change_password(connection, person.user_id, "", now(), NEW)

    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            token = log_in(connection, person)
            changed = thread.submit(change_password)
            wait_for_lock(database, connection, changed)
        changed.result(30)
    assert not is_open(database, token)


def test_log_in_waits_for_a_change_and_is_refused(postgres_api: Api) -> None:
    """The change has not committed: the log-in waits, and then the password is another one."""
    database, person = postgres_api.database, postgres_api.person()
    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            accounts.change_password(connection, person.user_id, "", now(), NEW)
            trying = thread.submit(refusal, database, person)
            wait_for_lock(database, connection, trying)
        assert trying.result(30) == "CREDENTIALS_WRONG"


def test_log_in_waits_for_a_deletion_and_is_refused(postgres_api: Api) -> None:
    """An account that goes away while somebody logs in gets no session."""
    database, person = postgres_api.database, postgres_api.person()
    with ThreadPoolExecutor(1) as thread:
        with database.begin() as connection:
            gone = {"email": None, "password_hash": None, "delete_time": now()}
            accounts.write_user(connection, person.user_id, **gone)
            trying = thread.submit(refusal, database, person)
            wait_for_lock(database, connection, trying)
        assert trying.result(30) == "CREDENTIALS_WRONG"


def refusal(database: Database, person: Person) -> str:
    """Why a log-in fails."""
    with database.begin() as connection, pytest.raises(Unauthenticated) as caught:
        log_in(connection, person)
    return caught.value.reason


def test_calls_of_other_accounts_do_not_wait(postgres_api: Api) -> None:
    """The lock is on one row: somebody else logs in meanwhile."""
    database, ana, bo = postgres_api.database, postgres_api.person(), postgres_api.person()
    with database.begin() as connection:
        accounts.change_password(connection, ana.user_id, "", now(), NEW)
        with database.begin() as other:
            token = log_in(other, bo)
    assert is_open(database, token)
