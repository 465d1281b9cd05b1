"""An event with somebody of every member_state in it, and the things that requests name."""

import datetime as dt
import functools
from typing import Protocol

from sqlalchemy import null, select, update

from howmuch.ids import SESSION, new_id
from howmuch.model import Role
from howmuch.storage.database import Database
from howmuch.storage.tables import metadata
from howmuch.storage.tables import users as users_table
from howmuch.usecases import account_tokens, sessions
from howmuch.usecases.passwords import PasswordHasher
from howmuch.usecases.tokens import new_token
from howmuch.v1 import event_pb2, expense_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Api, Person

PASSWORD = "correct horse battery"
NO_SESSION = ("nobody", "dead token", "ended session")
NOT_IN_EVENT = ("stranger", "removed")
MEMBERS = {"viewer": Role.VIEWER, "editor": Role.EDITOR, "owner": Role.OWNER}
ROLES = {
    "viewer": event_pb2.ROLE_VIEWER,
    "editor": event_pb2.ROLE_EDITOR,
    "owner": event_pb2.ROLE_OWNER,
}
CALLERS = (*NO_SESSION, *NOT_IN_EVENT, *MEMBERS)


@functools.cache
def password_hash() -> str:
    """The hash of PASSWORD; it is slow to make, so one serves all."""
    hasher = PasswordHasher()
    try:
        return hasher.hash(PASSWORD)
    finally:
        hasher.close()


class HasDatabase(Protocol):
    """Whatever runs over a database."""

    @property
    def database(self) -> Database:
        """The database."""


def mailed_token(api: HasDatabase, user_id: str, purpose: str, email: str = "") -> str:
    """A fresh token, as the next mail to a user would have it.

    email: of a link that changes the address or undoes that. Empty means that of a new link.
    """
    with api.database.begin() as connection:
        now = dt.datetime.now(dt.UTC)
        if purpose in ("CHANGE_EMAIL", "UNDO_EMAIL"):
            if not email:
                email = f"{new_token()[:20].lower()}@example.com"
                account_tokens.prepare_link(connection, user_id, purpose, email, now)
            link = account_tokens.token_of_link(connection, user_id, purpose, email, now)
            assert link, "no such link is open"
            return link.token
        return account_tokens.new_account_token(connection, user_id, purpose, now)[0]


def mail_token(api: HasDatabase, user_id: str) -> str:
    """The token in the links of a user's mails that end them; as there, the first mail makes it."""
    of_user = users_table.c.id == user_id
    with api.database.begin() as connection:
        connection.execute(
            update(users_table)
            .where(of_user, users_table.c.mail_token.is_(null()))
            .values(mail_token=new_token())
        )
        token = connection.execute(select(users_table.c.mail_token).where(of_user)).scalar_one()
        assert isinstance(token, str)
        return token


def contents(database: Database) -> dict[str, list[str]]:
    """Every row of every table but `usage`, which a thread adds to some seconds after the writes."""
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name != "usage"
        }


class World:
    """What is needed of it is made when it is asked for. owner: whose event it is; None: somebody new."""

    def __init__(self, api: Api, owner: Person | None = None) -> None:
        self.api = api
        self._people: dict[str, Person] = {}
        self._member_ids: dict[str, str] = {}
        if owner:
            self._take(owner)

    def _take(self, owner: Person) -> None:
        self._people["owner"] = owner
        self.event = owner.event()
        self._member_ids["owner"] = self.event.member_id

    def __call__(self, who: str) -> Person:
        """Somebody of CALLERS."""
        if who not in self._people:
            if who == "owner":
                self._take(self.api.person("Owner"))
            else:
                self._people[who] = self._make(who)
        return self._people[who]

    def _make(self, who: str) -> Person:
        if who == "nobody":
            return self.api.nobody()
        if who == "dead token":
            return self.api.caller(new_token())
        person = self.api.person(who.title().replace(" ", ""))
        if who == "ended session":
            person.users.LogOut(us.LogOutRequest())
        elif who in MEMBERS:
            joined = person.join(self.owner, self.event_id, ROLES[who])
            self._member_ids[who] = joined.member_id
        elif who == "removed":
            mine = person.join(self.owner, self.event_id).member_id
            owners = self.member_id("owner")
            self.owner.spend(self.event_id, owners, "10.00", mine)
            self.owner.spend(
                self.event_id, mine, "10.00", owners, kind=expense_pb2.EXPENSE_KIND_TRANSFER
            )
            self.owner.events.RemoveMember(
                es.RemoveMemberRequest(event_id=self.event_id, member_id=mine)
            )
        return person

    @property
    def owner(self) -> Person:
        """Who made the event."""
        return self("owner")

    @property
    def event_id(self) -> str:
        """The event."""
        self("owner")
        return self.event.id

    def member_id(self, who: str) -> str:
        """The member id of somebody in the event; of anybody else, that of a guest."""
        self(who)
        return self._member_ids.get(who) or self.guest

    @functools.cached_property
    def guest(self) -> str:
        """A member without an account and without any expense."""
        return self.owner.guest(self.event_id, "Guest").id

    @functools.cached_property
    def expense(self) -> expense_pb2.Expense:
        """Something that the owner paid for the guest."""
        return self.owner.spend(self.event_id, self.member_id("owner"), "12.00", self.guest)

    @functools.cached_property
    def deleted_expense(self) -> expense_pb2.Expense:
        """Another, which was deleted."""
        made = self.owner.spend(self.event_id, self.member_id("owner"), "7.00", self.guest)
        return self.owner.expenses.DeleteExpense(
            xs.DeleteExpenseRequest(event_id=self.event_id, expense_id=made.id)
        )

    @functools.cached_property
    def invitation(self) -> event_pb2.Invitation:
        """Open to many."""
        return self.owner.events.CreateInvitation(
            es.CreateInvitationRequest(event_id=self.event_id, max_uses=100)
        )

    @functools.cached_property
    def invitation_of_editor(self) -> event_pb2.Invitation:
        """One that owners and editors may revoke."""
        return self("editor").events.CreateInvitation(
            es.CreateInvitationRequest(event_id=self.event_id)
        )

    def draft(self) -> expense_pb2.Expense:
        """An expense to be."""
        return expense_pb2.Expense(
            reason="Tram",
            date="2026-11-22",
            amount="9.00",
            payments=[expense_pb2.Payment(member_id=self.member_id("owner"))],
        )

    def update_of_expense(self) -> xs.UpdateExpenseRequest:
        """A change of money and text."""
        changed = expense_pb2.Expense(
            event_id=self.event_id, id=self.expense.id, reason="Metro", amount="13.01"
        )
        return xs.UpdateExpenseRequest(expense=changed)

    def delete_event(self) -> str:
        """Deletes the event, and names it."""
        self.owner.events.DeleteEvent(es.DeleteEventRequest(event_id=self.event_id))
        return self.event_id

    def set_password(self, person: Person) -> None:
        """Gives somebody PASSWORD, without the cost of hashing it."""
        statement = update(users_table).where(users_table.c.id == person.user_id)
        with self.api.database.begin() as connection:
            connection.execute(statement.values(password_hash=password_hash()))

    def other_session(self, person: Person) -> str:
        """The id of one more session of theirs; of nobody, an id that there is not."""
        if not person.user_id:
            return new_id(SESSION)
        now, ttl = dt.datetime.now(dt.UTC), dt.timedelta(hours=1)
        with self.api.database.begin() as connection:
            return sessions.open_session(connection, person.user_id, "", now, ttl)[1].id
