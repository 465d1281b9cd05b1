"""The headers of every kind of mail, whole: what mail programs thread, stop and never answer by."""

import datetime as dt
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import pytest
from sqlalchemy import insert, select, update

from howmuch.ids import DELIVERY, new_id
from howmuch.mail.delivery.sender import MailSender
from howmuch.model import Role
from howmuch.storage import migrate, tables
from howmuch.storage.database import Database
from howmuch.telemetry.origin import NOWHERE
from howmuch.usecases.account_tokens import prepare_link
from howmuch.usecases.invitations import Terms, create_invitation
from howmuch.usecases.invited_addresses import hash_address
from tests.databases import closing_database
from tests.mail_delivery.conftest import SENDER
from tests.mail_delivery.people import Trip, made_trip, now

OTHER = "bo.other@example.com"
VARIABLE = ("Subject", "Date", "Content-Type", "Message-ID", "To")


class Kept:
    """A mailer that keeps what it is given: envelope sender, recipient, mail."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str, bytes]] = []

    def send(self, sender: str, recipient: str, data: bytes) -> None:
        self.mails.append((sender, recipient, data))

    def tidy(self) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def kept_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('mail') / 'mail.db'}"
    migrate.upgrade(url)
    with closing_database(url) as database:
        yield database


@pytest.fixture
def trip(kept_database: Database) -> Trip:
    """Bo reads; Ana has added an expense."""
    made = made_trip(kept_database, 2, names=["Ana", "Bo"])
    made.spend()
    return made


def queued(trip: Trip, kind: str, slot: str, *, has_user: bool = True) -> str:
    """A mail to Bo that is to be sent now; with the changes of the event where it has news."""
    delivery_id = new_id(DELIVERY)
    user_id = trip.people[1].user_id
    with trip.database.begin() as connection:
        connection.execute(
            insert(tables.deliveries),
            {
                "id": delivery_id,
                "kind": kind,
                "state": "QUEUED",
                "user_id": user_id if has_user else None,
                "slot": slot,
                "due_time": now(),
                "attempts": 0,
                "create_time": now(),
            },
        )
        if kind in ("CHANGES", "DIGEST"):
            revision = connection.execute(
                select(tables.events.c.revision).where(tables.events.c.id == trip.event_id)
            ).scalar_one()
            notice = {"event_id": trip.event_id, "revision": revision, "user_id": user_id}
            connection.execute(
                insert(tables.notices), {**notice, "delivery_id": delivery_id, "origin": None}
            )
    return delivery_id


def changes(trip: Trip) -> str:
    return queued(trip, "CHANGES", trip.event_id)


def digest(trip: Trip) -> str:
    return queued(trip, "DIGEST", "digest")


def invitation(trip: Trip) -> str:
    with trip.by(trip.people[0]) as (connection, caller):
        made = create_invitation(
            connection,
            caller,
            now(),
            role=Role.VIEWER,
            terms=Terms(email=trip.people[1].email, ttl=dt.timedelta(days=1)),
        )
    return queued(trip, "INVITATION", made.id, has_user=False)


def of_account(kind: str) -> Callable[[Trip], str]:
    return lambda trip: queued(trip, kind, kind.lower())


def of_deletion(trip: Trip) -> str:
    """Its account is to be deleted."""
    with trip.database.begin() as connection:
        due = {"deletion_due_time": dt.datetime.now(dt.UTC) + dt.timedelta(days=7)}
        whose = tables.users.c.id == trip.people[1].user_id
        connection.execute(tables.users.update().where(whose).values(due))
    return queued(trip, "DELETION_REQUESTED", "deletion")


def of_email_change(kind: str, purpose: str) -> Callable[[Trip], str]:
    """To an address that is not Bo's, with its link."""

    def make(trip: Trip) -> str:
        mail = queued(trip, kind, "")
        with trip.database.begin() as connection:
            prepare_link(connection, trip.people[1].user_id, purpose, OTHER, now())
            whose = tables.deliveries.c.id == mail
            connection.execute(update(tables.deliveries).where(whose).values(email=OTHER))
        return mail

    return make


EVERY_MAIL = {
    "From": "howmuch <noreply@howmuch.example>",
    "MIME-Version": "1.0",
    "Content-Language": "en",
    "Auto-Submitted": "auto-generated",
}
THREAD = {"In-Reply-To": "<EVENT@howmuch.example>", "References": "<EVENT@howmuch.example>"}
ONE_CLICK = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
STOP = "https://howmuch.example/v1/mail/TOKEN:unsubscribe"

KINDS: dict[str, tuple[Callable[[Trip], str], dict[str, str]]] = {
    "CHANGES": (changes, {**THREAD, "List-Unsubscribe": f"<{STOP}?eventId=EVENT>", **ONE_CLICK}),
    "DIGEST": (digest, {"List-Unsubscribe": f"<{STOP}>", **ONE_CLICK}),
    "INVITATION": (invitation, {"List-Unsubscribe": f"<{STOP}>", **ONE_CLICK}),
    "VERIFY_EMAIL": (of_account("VERIFY_EMAIL"), {}),
    "RESET_PASSWORD": (of_account("RESET_PASSWORD"), {}),
    "PASSWORD_CHANGED": (of_account("PASSWORD_CHANGED"), {}),
    "DELETION_REQUESTED": (of_deletion, {}),
    "EMAIL_CHANGE": (of_email_change("EMAIL_CHANGE", "CHANGE_EMAIL"), {}),
    "EMAIL_CHANGED": (of_email_change("EMAIL_CHANGED", "UNDO_EMAIL"), {}),
    "EMAIL_CHANGE_UNDONE": (of_account("EMAIL_CHANGE_UNDONE"), {}),
}


def test_every_kind_is_here() -> None:
    """A new kind of mail has its headers written down."""
    assert set(KINDS) == set(tables.DELIVERY_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_each_kind(trip: Trip, kind: str) -> None:
    """Mails about events can be stopped by one click; those of one event are a thread; no others are."""
    make, own = KINDS[kind]
    delivery_id = make(trip)
    kept, bo = Kept(), trip.people[1]
    assert MailSender(trip.database, kept, SENDER).send({delivery_id: NOWHERE}) == [None]
    with trip.database.read() as connection:
        columns = (tables.users.c.mail_token,)
        token = connection.execute(select(*columns).where(tables.users.c.id == bo.user_id)).scalar()
        if kind == "INVITATION":  # Of the address, which need not have an account.
            address = tables.invited_addresses.c.address_hash == hash_address(bo.email)
            token = connection.execute(
                select(tables.invited_addresses.c.token).where(address)
            ).scalar()
        state = connection.execute(
            select(tables.deliveries.c.state).where(tables.deliveries.c.id == delivery_id)
        ).scalar()
    assert state == "SENT"
    [(sender, recipient, data)] = kept.mails
    expected = OTHER if kind in ("EMAIL_CHANGE", "EMAIL_CHANGED") else bo.email
    assert (sender, recipient) == ("noreply@howmuch.example", expected)
    mail = message_from_bytes(data, policy=policy.default)
    assert mail["Message-ID"] == f"<{delivery_id}@howmuch.example>"
    assert mail["To"] == expected
    assert mail["Date"].datetime <= now()
    assert {name: value for name, value in mail.items() if name not in VARIABLE} == {
        name: value.replace("EVENT", trip.event_id).replace("TOKEN", str(token))
        for name, value in {**EVERY_MAIL, **own}.items()
    }


def test_second_try_has_the_same_message_id(trip: Trip) -> None:
    """A mail server that gets both knows them as one."""
    delivery_id = changes(trip)
    kept = Kept()
    sender = MailSender(trip.database, kept, SENDER)
    assert sender.send({delivery_id: NOWHERE}) == [None]
    with trip.database.begin() as connection:
        connection.execute(
            update(tables.deliveries)
            .where(tables.deliveries.c.id == delivery_id)
            .values(state="QUEUED", done_time=None)
        )
    assert sender.send({delivery_id: NOWHERE}) == [None]
    first, second = (message_from_bytes(data)["Message-ID"] for _, _, data in kept.mails)
    assert first == second == f"<{delivery_id}@howmuch.example>"
