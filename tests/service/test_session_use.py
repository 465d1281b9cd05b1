"""Sessions end without use, and go on with it; no call pays for that."""

import datetime as dt
from collections.abc import Iterator

import grpc
import pytest
from sqlalchemy import select, update

from howmuch.model import Caller
from howmuch.rpc.grpc_server import build_server
from howmuch.rpc.server_options import ServerOptions
from howmuch.rpc.session_use import SessionUse
from howmuch.storage.database import Database
from howmuch.storage.tables import sessions
from howmuch.usecases.sessions import SessionLife
from howmuch.v1 import user_service_pb2 as us
from tests.databases import QueryCounter
from tests.service.api import PASSWORD_OF_CHEAP_HASH, Api, Person, failure
from tests.service.conftest import UNLIMITED
from tests.waiting import until

DAY = dt.timedelta(days=1)
LIFE = SessionLife(longest=90 * DAY, idle=30 * DAY)


@pytest.fixture(scope="module")
def api(database: Database) -> Iterator[Api]:
    """A server whose sessions end after 30 days without use, and after 90 in any case."""
    options = ServerOptions(listen="127.0.0.1:0", rate_limits=UNLIMITED)
    server = build_server(database, options)
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            yield Api(channel, database, f"127.0.0.1:{server.port}")
    finally:
        server.stop(grace_seconds=5.0)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def age(api: Api, person: Person, days: int, left: int) -> None:
    """Their session is so old, and ends in so many days."""
    with api.database.begin() as connection:
        connection.execute(
            update(sessions)
            .where(sessions.c.user_id == person.user_id)
            .values(create_time=now() - days * DAY, expire_time=now() + left * DAY)
        )


def days_left(api: Api, person: Person) -> int:
    with api.database.read() as connection:
        statement = select(sessions.c.expire_time).where(sessions.c.user_id == person.user_id)
        end: dt.datetime = connection.execute(statement).scalar_one()
    return round((end - now()) / DAY)


def call(person: Person) -> None:
    person.users.GetMe(us.GetMeRequest())


def test_session_ends_without_use(api: Api, ana: Person) -> None:
    """A new one lasts for 30 days by itself."""
    request = us.LogInRequest(email=ana.email, password=PASSWORD_OF_CHEAP_HASH)
    session = api.nobody().users.LogIn(request).session
    assert round((session.expire_time.ToDatetime(dt.UTC) - now()) / DAY) == 30
    age(api, ana, days=31, left=0)
    assert failure(call, ana).reason == "SESSION_INVALID"


def test_use_moves_the_end(api: Api, ana: Person) -> None:
    """To 30 days from now, soon after the call."""
    age(api, ana, days=10, left=20)
    call(ana)
    until(lambda: days_left(api, ana) == 30)


def test_use_moves_the_end_no_further_than_its_age_allows(api: Api, ana: Person) -> None:
    """A session that is stolen ends too."""
    age(api, ana, days=80, left=2)
    call(ana)
    until(lambda: days_left(api, ana) == 10)


def test_busy_session_is_written_once_a_day(
    api: Api, ana: Person, query_counter: QueryCounter
) -> None:
    """A hundred calls, from a cache or not, are one write at most."""
    age(api, ana, days=10, left=20)
    call(ana)
    until(lambda: days_left(api, ana) == 30)
    with query_counter(api.database.engine) as statements:
        for _ in range(20):
            call(ana)
    assert not [each for each in statements if each.lstrip().upper().startswith("UPDATE")]


def test_caller_from_a_cache_is_noted_once(database: Database) -> None:
    """It has the end that was read before."""
    written: list[int] = []
    caller = Caller("usr_x", "ses_x", now() + 5 * DAY, session_create_time=now() - 25 * DAY)

    class Counted(SessionUse):
        def note(self, caller: Caller, now: dt.datetime) -> None:
            super().note(caller, now)
            written.append(len(self._ends))

    use = Counted(database, LIFE)
    for _ in range(50):
        use.note(caller, now())
    use.stop()
    assert written == [1] * 50


@pytest.mark.parametrize(
    ("age_days", "left_days", "end_days"),
    [(0.5, 29.5, None), (10, 29.5, None), (10, 20, 30), (80, 2, 10), (89, 1, None), (40, 50, None)],
)
def test_end_moves_by_a_day_at_least(
    age_days: float, left_days: float, end_days: float | None
) -> None:
    """Never back: a session from before this rule ends as it was to."""
    moment = now()
    caller = Caller(
        "usr_x",
        "ses_x",
        moment + left_days * DAY,
        session_create_time=moment - age_days * DAY,
    )
    end = LIFE.extended(caller, moment)
    assert end == (None if end_days is None else moment + end_days * DAY)
