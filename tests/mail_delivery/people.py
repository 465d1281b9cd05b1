"""Events with people in them, made by the use cases, for tests and measurements of mail."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, update

from howmuch.ids import SESSION, USER, new_id
from howmuch.ledger.shares import Kind
from howmuch.ledger.split import EqualSplit
from howmuch.model import Caller, Draft, Event, Expense, Membership, Payment, Role
from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases import events, expenses, members
from howmuch.usecases.expense_size import Input
from howmuch.usecases.member_rows import insert_member, new_guest

LATER = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Friend:
    """Somebody with an account who is in the event."""

    name: str
    user_id: str
    member_id: str
    email: str
    session_id: str


@dataclass(frozen=True)
class Trip:
    """An event; the first of its people made it."""

    database: Database
    event_id: str
    people: Sequence[Friend]

    @property
    def others(self) -> Sequence[Friend]:
        return self.people[1:]

    def caller(self, connection: Connection, friend: Friend) -> Caller:
        found = connection.execute(select(tables.events).where(tables.events.c.id == self.event_id))
        event = Event(**found.mappings().one())
        membership = Membership(event, friend.member_id, Role.OWNER, Role.EDITOR)
        return Caller(friend.user_id, friend.session_id, LATER, membership)

    @contextmanager
    def by(self, friend: Friend) -> Iterator[tuple[Connection, Caller]]:
        """A transaction of one of them."""
        with self.database.begin() as connection:
            yield connection, self.caller(connection, friend)

    def spend(
        self,
        count: int = 1,
        *,
        by: int = 0,
        reason: str = "Dinner",
        amount_minor: int = 3000,
    ) -> list[Expense]:
        """So many expenses in one batch; each reason has its number where there are several."""
        friend = self.people[by]
        drafts = [
            self.draft(f"{reason} {number}" if count > 1 else reason, amount_minor, friend)
            for number in range(count)
        ]
        with self.by(friend) as (connection, caller):
            return expenses.create_expenses(
                connection,
                caller,
                now(),
                lambda _: [Input(draft, f"requests[{i}].") for i, draft in enumerate(drafts)],
            )

    def draft(self, reason: str, amount_minor: int, payer: Friend) -> Draft:
        return Draft(
            kind=Kind.EXPENSE,
            reason=reason,
            date=dt.date(2026, 11, 22),
            category="food",
            notes="",
            currency_code="EUR",
            amount_minor=amount_minor,
            payments=(Payment(payer.member_id, amount_minor),),
            split=EqualSplit(tuple(friend.member_id for friend in self.people)),
        )

    def mute(self, friend: Friend) -> None:
        with self.by(friend) as (connection, caller):
            members.update_member(connection, caller, now(), friend.member_id, {"muted": True})

    def set_user(self, friend: Friend, **values: Any) -> None:
        with self.database.begin() as connection:
            connection.execute(
                update(tables.users).where(tables.users.c.id == friend.user_id).values(**values)
            )


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def made_trip(
    database: Database,
    size: int,
    *,
    name: str = "Lisbon trip",
    names: Sequence[str] = (),
    **user: Any,
) -> Trip:
    """An event of so many people, who are told of its making by nobody. user: columns of their accounts."""
    names = names or [f"Person {index}" for index in range(size)]
    with database.begin() as connection:
        accounts = [_account(each, **user) for each in names]
        connection.execute(tables.users.insert(), accounts)
        sessions = [_session(account["id"]) for account in accounts]
        connection.execute(tables.sessions.insert(), sessions)
        maker = Caller(accounts[0]["id"], sessions[0]["id"], LATER)
        made = events.create_event(
            connection, maker, now(), name=name, description="", currency_code="EUR"
        )
        event_id, first_id = made.event.id, made.member_id
        member_ids = [first_id]
        for account in accounts[1:]:
            guest = new_guest(event_id, "x", Role.EDITOR, 1, now())
            insert_member(connection, guest)
            connection.execute(
                update(tables.members)
                .where(tables.members.c.event_id == event_id, tables.members.c.id == guest.id)
                .values(user_id=account["id"], name=None)
            )
            member_ids.append(guest.id)
    people = [
        Friend(account["name"], account["id"], member_id, account["email"], session["id"])
        for account, member_id, session in zip(accounts, member_ids, sessions, strict=True)
    ]
    return Trip(database, event_id, people)


def _session(user_id: str) -> dict[str, Any]:
    session_id = new_id(SESSION)
    return {
        "id": session_id,
        "user_id": user_id,
        "token_hash": sha256(session_id.encode()).digest(),
        "client": "",
        "create_time": now(),
        "expire_time": LATER,
    }


def _account(name: str, **values: Any) -> dict[str, Any]:
    user_id = new_id(USER)
    return {
        "id": user_id,
        "email": f"{user_id}@example.com",
        "email_verify_time": now(),
        "password_hash": "x",
        "name": name,
        "locale": "en",
        "time_zone": "UTC",
        "currency_code": "EUR",
        "mail_mode": "EACH_CHANGE",
        "version": 1,
        "create_time": now(),
        "update_time": now(),
        **values,
    }
