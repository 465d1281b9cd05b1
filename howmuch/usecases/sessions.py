"""Sessions: log in, log out, list, revoke. A session ends by its row going away, at once, everywhere."""

import datetime as dt

from sqlalchemy import Connection, delete, insert, select

from howmuch.errors import NotFound, Unauthenticated
from howmuch.ids import SESSION, new_id
from howmuch.model import Caller, Session
from howmuch.storage.tables import sessions, users
from howmuch.usecases import validation
from howmuch.usecases.paging import Page, cut
from howmuch.usecases.tokens import hash_token, new_token


def read_credentials(connection: Connection, email: str) -> tuple[str, str] | None:
    """User id and password hash of the account with this address; None: there is none."""
    row = connection.execute(
        select(users.c.id, users.c.password_hash).where(users.c.email == email)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def check_still_valid(connection: Connection, user_id: str, password_hash: str) -> None:
    """Unauthenticated where the password was changed after it was verified against this hash."""
    present = connection.execute(
        select(users.c.password_hash).where(users.c.id == user_id).with_for_update(key_share=True)
    ).scalar()
    if present != password_hash:
        raise credentials_wrong()


def credentials_wrong() -> Unauthenticated:
    """The one answer for a wrong address and for a wrong password."""
    return Unauthenticated("CREDENTIALS_WRONG", "The address or the password is wrong.")


def open_session(
    connection: Connection, user_id: str, client: str, now: dt.datetime, ttl: dt.timedelta
) -> tuple[str, Session]:
    """A new session and its token, which is stored nowhere."""
    client = validation.check_line(client, "client", length=validation.NAME_LENGTH, required=False)
    token = new_token()
    session = Session(new_id(SESSION), client, create_time=now, expire_time=now + ttl)
    connection.execute(
        insert(sessions),
        {
            "id": session.id,
            "user_id": user_id,
            "token_hash": hash_token(token),
            "client": client,
            "create_time": session.create_time,
            "expire_time": session.expire_time,
        },
    )
    return token, session


def log_out(connection: Connection, caller: Caller) -> None:
    """Ends the caller's session."""
    connection.execute(delete(sessions).where(sessions.c.id == caller.session_id))


def list_sessions(
    connection: Connection, caller: Caller, now: dt.datetime, page: Page
) -> tuple[list[Session], str]:
    """A page of the caller's live sessions, newest first, and the token of the next."""
    statement = (
        select(sessions.c.id, sessions.c.client, sessions.c.create_time, sessions.c.expire_time)
        .where(sessions.c.user_id == caller.user_id, sessions.c.expire_time > now)
        .order_by(sessions.c.id.desc())
        .limit(page.size + 1)
    )
    if page.after:
        statement = statement.where(sessions.c.id < page.after[0])
    found = [Session(*row) for row in connection.execute(statement)]
    rows, token = cut(page, found, lambda session: [session.id])
    return list(rows), token


def revoke_session(connection: Connection, caller: Caller, session_id: str) -> None:
    """Ends one of the caller's sessions."""
    ended = connection.execute(
        delete(sessions).where(sessions.c.user_id == caller.user_id, sessions.c.id == session_id)
    )
    if not ended.rowcount:
        raise NotFound("session", session_id)
