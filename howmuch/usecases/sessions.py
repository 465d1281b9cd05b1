"""Sessions: log in, log out, list, revoke. A session ends when its row is deleted, at once, everywhere."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from howmuch.errors import NotFound, Unauthenticated
from howmuch.ids import SESSION, new_id
from howmuch.model import Caller, Session
from howmuch.storage.lock_waits import waiting_for
from howmuch.storage.rows import record_of, row_of
from howmuch.storage.tables import sessions, users
from howmuch.usecases import validation
from howmuch.usecases.paging import Listing, Page, cut
from howmuch.usecases.tokens import hash_token, new_token


class Credentials(NamedTuple):
    """An account, and the hash that its password must match."""

    user_id: str
    password_hash: str


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


def check_still_valid(connection: Connection, user_id: str, password_hash: str) -> None:
    """Unauthenticated if the password was changed after it was verified against this hash."""
    statement = select(users.c.password_hash).where(users.c.id == user_id)
    with waiting_for(connection, user_id):
        present = connection.execute(statement.with_for_update(key_share=True)).scalar()
    if present != password_hash:
        raise credentials_wrong()


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
    statement = (
        select(sessions.c.id, sessions.c.client, sessions.c.create_time, sessions.c.expire_time)
        .where(sessions.c.user_id == caller.user_id, sessions.c.expire_time > now)
        .order_by(sessions.c.id.desc())
        .limit(page.size + 1)
    )
    if page.after:
        statement = statement.where(sessions.c.id < page.after[0])
    found = [record_of(Session, row) for row in connection.execute(statement).mappings()]
    return cut(page, found, lambda session: [session.id])


def revoke_session(connection: Connection, caller: Caller, session_id: str) -> None:
    """Ends one of the caller's sessions."""
    ended = connection.execute(
        delete(sessions).where(sessions.c.user_id == caller.user_id, sessions.c.id == session_id)
    )
    if not ended.rowcount:
        raise NotFound("session", session_id)
