"""The people of a campaign, their events, and requests about them."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, update

from howmuch.storage.database import Database
from howmuch.storage.tables import users
from howmuch.v1 import expense_pb2
from howmuch.v1 import expense_service_pb2 as xs
from tests.chaos.clients import Session
from tests.service.api import Api, Person

CURRENCY = "EUR"
PASSWORD = "a password of hers"


@dataclass(frozen=True)
class Place:
    """An event. owner: its maker, who is a writer. members: the writers, by user, to their member ids."""

    event_id: str
    owner: Person
    members: Mapping[str, str]

    @property
    def owner_session(self) -> Session:
        return session_of(self.owner)


@dataclass(frozen=True)
class Ground:
    """writers: members of every event, all the time. visitor: a member of none at first."""

    writers: Sequence[Person]
    visitor: Person
    places: Sequence[Place]


def session_of(person: Person) -> Session:
    """The session that a person has from the beginning to the end."""
    return Session(f"{person.name}#1", person.token)


def prepared(api: Api, database: Database, *, writers: int, events: int) -> Ground:
    """Each event is made by another writer, and the other writers join it."""
    people = [api.person(f"w{number}") for number in range(1, writers + 1)]
    visitor = api.person("v1")
    with database.begin() as connection:
        # Mails go to addresses that are verified.
        connection.execute(update(users).values(email_verify_time=func.current_timestamp()))
    places = []
    for owner in people[:events]:
        event = owner.event(name=f"Event of {owner.name}", currency_code=CURRENCY)
        members = {owner.user_id: event.member_id}
        for other in people:
            if other is not owner:
                members[other.user_id] = other.join(owner, event.id).member_id
        places.append(Place(event.id, owner, members))
    return Ground(people, visitor, places)


def draft(
    place: Place, payer_id: str, reason: str, chance: random.Random, *, transfer: bool = False
) -> expense_pb2.Expense:
    """An expense of one payer, for some of the writers; or a transfer to one of them."""
    members = sorted(place.members.values())
    for_whom = chance.sample(members, chance.randint(1, len(members)))
    kind = expense_pb2.EXPENSE_KIND_EXPENSE
    if transfer:
        kind = expense_pb2.EXPENSE_KIND_TRANSFER
        for_whom = [chance.choice([member for member in members if member != payer_id])]
    return expense_pb2.Expense(
        kind=kind,
        reason=reason,
        date="2026-11-22",
        amount=amount(chance),
        payments=[expense_pb2.Payment(member_id=payer_id)],
        split=expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=for_whom)),
    )


def amount(chance: random.Random) -> str:
    """In major units."""
    minor = chance.randint(1, 10_000)
    return f"{minor // 100}.{minor % 100:02}"


def create(place: Place, expense: expense_pb2.Expense) -> xs.CreateExpenseRequest:
    return xs.CreateExpenseRequest(event_id=place.event_id, expense=expense)


def batch(place: Place, expenses: Sequence[expense_pb2.Expense]) -> xs.BatchCreateExpensesRequest:
    return xs.BatchCreateExpensesRequest(event_id=place.event_id, expenses=expenses)
