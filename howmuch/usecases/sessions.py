"""Sessions: log in, log out, list, revoke. A session ends when its row is deleted, at once, everywhere."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from howmuch.errors import NotFound, Unauthenticated
from howmuch.ids import SESSION, new_id
from howmuch.model import Caller, Session
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import sessions, users
from howmuch.usecases import validation
from howmuch.usecases.paging import Listing, Page, cut, in_page
from howmuch.usecases.tokens import hash_token, new_token

_EXTEND = (
    update(sessions)
    .where(sessions.c.id == bindparam("session"), sessions.c.expire_time < bindparam("end"))
    .values(expire_time=bindparam("end"))
)


class Credentials(NamedTuple):
    """An account, and the hash that its password must match."""

    user_id: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class SessionLife:
    """A session ends after `longest`, and after `idle` without a call."""

    longest: dt.timedelta
    idle: dt.timedelta

    @property
    def granularity(self) -> dt.timedelta:
        """How much later a session must end before its row is written: so a busy session writes rarely."""
        return min(dt.timedelta(days=1), self.idle / 10)

    @property
    def first(self) -> dt.timedelta:
        """How long a new session lasts without a call."""
        return min(self.longest, self.idle)

    def extended(self, caller: Caller, now: dt.datetime) -> dt.datetime | None:
        """The new end of a session that is used now. None means that it is not worth a write."""
        created = caller.session_create_time
        if created is None or now - created < self.granularity:
            return None
        end = min(created + self.longest, now + self.idle)
        return end if end - caller.expire_time >= self.granularity else None


def extend_sessions(connection: Connection, ends: Mapping[str, dt.datetime]) -> None:
    """Moves the ends of sessions, by id. One that has ended meanwhile stays ended."""
    connection.execute(_EXTEND, [{"session": each, "end": end} for each, end in ends.items()])


class OpenedSession(NamedTuple):
    """A session and its token, which is stored nowhere."""

    token: str
    session: Session


def read_credentials(connection: Connection, email: str) -> Credentials | None:
    """The credentials of the account with this address. None means that there is no account."""
    row = connection.execute(
        select(users.c.id, users.c.password_hash).where(users.c.email == email)
    ).one_or_none()
    return None if row is None else Credentials(*row)


def check_still_valid(connection: Connection, user_id: str, password_hash: str) -> bool:
    """Locks the account, and returns whether its user has asked to delete it.

    Unauthenticated if the password was changed after it was verified against this hash.
    """
    statement = select(users.c.password_hash, users.c.deletion_due_time).where(
        users.c.id == user_id
    )
    with waiting_for(connection, user_id):
        present = connection.execute(statement.with_for_update(key_share=True)).one_or_none()
    if present is None or present.password_hash != password_hash:
        raise credentials_wrong()
    return present.deletion_due_time is not None


def withdraw_deletion(connection: Connection, user_id: str) -> None:
    """Keeps an account whose user has asked to delete it."""
    connection.execute(update(users).where(users.c.id == user_id).values(deletion_due_time=None))


def replace_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Stores another hash of the same password; no session ends."""
    connection.execute(
        update(users).where(users.c.id == user_id).values(password_hash=password_hash)
    )


def credentials_wrong() -> Unauthenticated:
    """The same error for a wrong address and for a wrong password."""
    return Unauthenticated("CREDENTIALS_WRONG", "The address or the password is wrong.")


def open_session(
    connection: Connection, user_id: str, client: str, now: dt.datetime, ttl: dt.timedelta
) -> OpenedSession:
    """Opens a session."""
    client = validation.check_line(client, "client", length=validation.NAME_LENGTH, required=False)
    token = new_token()
    session = Session(new_id(SESSION), client, create_time=now, expire_time=now + ttl)
    connection.execute(
        insert(sessions),
        row_of(session, user_id=user_id, token_hash=hash_token(token)),
    )
    return OpenedSession(token, session)


def end_oldest(connection: Connection, user_id: str, most: int) -> int:
    """Ends the oldest sessions of a user beyond `most`; 0 means any number. Returns how many ended."""
    if not most:
        return 0
    older = (
        select(sessions.c.id)
        .where(sessions.c.user_id == user_id)
        .order_by(sessions.c.id.desc())
        .offset(most)
    )
    return connection.execute(delete(sessions).where(sessions.c.id.in_(older))).rowcount


def log_out(connection: Connection, caller: Caller) -> None:
    """Ends the caller's session."""
    connection.execute(delete(sessions).where(sessions.c.id == caller.session_id))


def list_sessions(
    connection: Connection, caller: Caller, now: dt.datetime, page: Page
) -> Listing[Session]:
    """A page of the caller's live sessions, newest first."""
    statement = select(
        sessions.c.id, sessions.c.client, sessions.c.create_time, sessions.c.expire_time
    ).where(sessions.c.user_id == caller.user_id, sessions.c.expire_time > now)
    statement = in_page(statement, page, [sessions.c.id], page.key, descending=True)
    found = [record_of(Session, row) for row in connection.execute(statement).mappings()]
    return cut(page, found, lambda session: [session.id])


def revoke_session(connection: Connection, caller: Caller, session_id: str) -> None:
    """Ends one of the caller's sessions."""
    ended = connection.execute(
        delete(sessions).where(sessions.c.user_id == caller.user_id, sessions.c.id == session_id)
    )
    if not ended.rowcount:
        raise NotFound("session", session_id)
