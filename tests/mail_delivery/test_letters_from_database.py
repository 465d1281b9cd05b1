"""What a mail says is read when it is sent: the reader's day, and whether an invitation is still of use."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from howmuch.ids import DELIVERY, new_id
from howmuch.mail.delivery.envelopes import Claimed, Outgoing, Skip
from howmuch.mail.delivery.letters_from_database import write_letters
from howmuch.mail.letters import (
    DeletionRequestedLetter,
    DigestLetter,
    EmailChangedLetter,
    EmailChangeLetter,
    EmailReturnedLetter,
    EmailTakenBackLetter,
    EventLinks,
    EventNews,
    InvitationLetter,
)
from howmuch.model import Role
from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries, events, invitations, notices, users
from howmuch.usecases.account_tokens import end_links, prepare_link
from howmuch.usecases.invitations import Terms, create_invitation
from tests.mail_delivery.conftest import LINKS
from tests.mail_delivery.people import Trip, made_trip, now

NOON = dt.datetime(2026, 7, 14, 12, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def waiting_digest(connection: Connection, trip: Trip) -> Claimed:
    """A digest for the second of the people, with the first change of the event in it."""
    reader = trip.people[1].user_id
    row: dict[str, Any] = {
        "id": new_id(DELIVERY),
        "kind": "DIGEST",
        "state": "QUEUED",
        "user_id": reader,
        "slot": "digest",
        "due_time": NOON,
        "attempts": 0,
        "create_time": NOON,
    }
    connection.execute(insert(deliveries), row)
    of_change = {"event_id": trip.event_id, "revision": 1, "user_id": reader}
    connection.execute(insert(notices), {**of_change, "delivery_id": row["id"], "origin": None})
    return Claimed(row["id"], "DIGEST", reader, "digest", None, NOON)


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("UTC", 12, 14),
        ("Pacific/Kiritimati", 12, 15),
        ("Pacific/Kiritimati", 9, 14),
        ("America/Los_Angeles", 3, 13),
    ],
)
def test_digest_has_the_date_of_the_reader(
    database: Database, zone: str, hour: int, day: int
) -> None:
    """Not that of the server: east and west of it another day has begun."""
    trip = made_trip(database, 2, time_zone=zone)
    with database.begin() as connection:
        digest = waiting_digest(connection, trip)
        [letter] = write_letters(connection, [digest], LINKS, NOON.replace(hour=hour))
    assert isinstance(letter, Outgoing)
    assert isinstance(letter.letter, DigestLetter)
    assert letter.letter.date == dt.date(2026, 7, day)
    assert letter.letter.settings_link == "https://howmuch.example/settings"


def test_deleted_event_has_no_links(database: Database) -> None:
    """None of its pages would open; the mail still tells that it was deleted."""
    trip = made_trip(database, 2)
    page = f"https://howmuch.example/{trip.event_id}"
    of_event = update(events).where(events.c.id == trip.event_id)
    with database.begin() as connection:
        digest = waiting_digest(connection, trip)
        [letter] = write_letters(connection, [digest], LINKS, NOON)
        connection.execute(of_event.values(delete_time=NOON))
        [after] = write_letters(connection, [digest], LINKS, NOON)
    links = EventLinks(page, f"{page}/settings", page + "/of/{expense_id}")
    assert [each.links for each in news_of(letter)] == [links]
    assert [each.links for each in news_of(after)] == [EventLinks()]


def news_of(letter: Outgoing | Skip) -> Sequence[EventNews]:
    assert isinstance(letter, Outgoing)
    assert isinstance(letter.letter, DigestLetter)
    return letter.letter.news


def invited(trip: Trip, ttl: dt.timedelta) -> Claimed:
    """The mail of a new invitation."""
    with trip.by(trip.people[0]) as (connection, caller):
        made = create_invitation(
            connection,
            caller,
            now(),
            role=Role.EDITOR,
            terms=Terms(email="cy@example.com", ttl=ttl),
        )
    return Claimed(new_id(DELIVERY), "INVITATION", None, made.id, None, made.create_time)


def letter_of(database: Database, mail: Claimed, at: dt.datetime) -> Outgoing | Skip:
    with database.begin() as connection:
        [letter] = write_letters(connection, [mail], LINKS, at)
    return letter


def test_invitation_is_mailed_until_it_expires(database: Database) -> None:
    """From that moment on its link does not work, so the mail is not sent."""
    hour = dt.timedelta(hours=1)
    mail = invited(made_trip(database, 1), hour)
    ends = mail.create_time + hour
    in_time = letter_of(database, mail, ends - SECOND)
    assert isinstance(in_time, Outgoing)
    assert isinstance(in_time.letter, InvitationLetter)
    assert (in_time.recipient, in_time.letter.expire_time) == ("cy@example.com", ends)
    for late in (ends, ends + SECOND):
        assert isinstance(letter_of(database, mail, late), Skip)


@pytest.mark.parametrize("gone", ["revoked", "used", "event deleted"])
def test_invitation_that_leads_nowhere_is_not_mailed(database: Database, gone: str) -> None:
    """The other reasons for which its link does not work."""
    trip = made_trip(database, 1)
    mail = invited(trip, dt.timedelta(hours=1))
    changed = {
        "revoked": update(invitations).values(revoke_time=now()),
        "used": update(invitations).values(use_count=1),
    }
    statement = changed.get(gone, update(events).values(delete_time=now()))
    mine = invitations.c.event_id if gone in changed else events.c.id
    assert isinstance(letter_of(database, mail, now()), Outgoing)
    with database.begin() as connection:
        connection.execute(statement.where(mine == trip.event_id))
    assert isinstance(letter_of(database, mail, now()), Skip)


def test_requested_deletion_is_mailed_unless_it_was_taken_back(database: Database) -> None:
    """With the time of the request, and that of the deletion."""
    leaving = made_trip(database, 1).people[0].user_id
    mail = Claimed(new_id(DELIVERY), "DELETION_REQUESTED", leaving, "", None, NOON)
    due = NOON + dt.timedelta(days=7)
    of_user = update(users).where(users.c.id == leaving)
    with database.begin() as connection:
        connection.execute(of_user.values(deletion_due_time=due))
    letter = letter_of(database, mail, NOON)
    assert isinstance(letter, Outgoing)
    assert isinstance(letter.letter, DeletionRequestedLetter)
    assert (letter.letter.time, letter.letter.due_time) == (NOON, due)
    assert letter.letter.log_in_link == "https://howmuch.example/login"
    with database.begin() as connection:
        connection.execute(of_user.values(deletion_due_time=None))
    assert str(letter_of(database, mail, NOON)) == "the deletion was taken back"


NEW = "bo.new@example.com"


@pytest.mark.parametrize(
    ("kind", "purpose", "letter_type", "days"),
    [
        ("EMAIL_CHANGE", "CHANGE_EMAIL", EmailChangeLetter, 1),
        ("EMAIL_CHANGED", "UNDO_EMAIL", EmailChangedLetter, 7),
    ],
)
def test_link_of_a_changed_address_goes_to_its_address_once(
    database: Database, kind: str, purpose: str, letter_type: type, days: int
) -> None:
    """A second try has the same link; a mail whose change was replaced or undone is skipped."""
    user_id = made_trip(database, 1).people[0].user_id
    mail = Claimed(new_id(DELIVERY), kind, user_id, "", None, NOON, NEW)
    assert str(letter_of(database, mail, NOON)).startswith("the change of the address was")
    with database.begin() as connection:
        prepare_link(connection, user_id, purpose, NEW, NOON)
        row = {"id": mail.id, "kind": kind, "state": "QUEUED", "user_id": user_id, "slot": ""}
        times = {"due_time": NOON, "create_time": NOON, "attempts": 0, "email": NEW}
        connection.execute(insert(deliveries), {**row, **times})
    first = letter_of(database, mail, NOON)
    assert isinstance(first, Outgoing)
    assert isinstance(first.letter, letter_type)
    assert first.recipient == NEW
    assert isinstance(first.letter, EmailChangeLetter | EmailChangedLetter)
    assert first.letter.expire_time == NOON + dt.timedelta(days=days)
    token = first.letter.link.rpartition("/")[2]
    again = letter_of(database, replace(mail, token=token), NOON)
    assert isinstance(again, Outgoing)
    assert again.letter == first.letter
    with database.begin() as connection:
        end_links(connection, user_id, purpose)
    assert isinstance(letter_of(database, replace(mail, token=token), NOON), Skip)


def test_undone_change_is_told_to_both_addresses(database: Database) -> None:
    """Only the returned address, which is the account's, gets a link that sets a password."""
    user_id = made_trip(database, 1).people[0].user_id
    mail = Claimed(new_id(DELIVERY), "EMAIL_CHANGE_UNDONE", user_id, "", None, NOON)
    returned = letter_of(database, mail, NOON)
    other = letter_of(database, replace(mail, email=NEW), NOON)
    assert isinstance(returned, Outgoing)
    assert isinstance(returned.letter, EmailReturnedLetter)
    assert "/reset/" in returned.letter.link
    assert isinstance(other, Outgoing)
    assert isinstance(other.letter, EmailTakenBackLetter)
    assert (other.recipient, other.letter.log_in_link) == (NEW, "https://howmuch.example/login")
