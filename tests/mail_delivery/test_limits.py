"""Mail goes out for verified users alone, and not without end: nobody bothers a stranger through it."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from howmuch.mail.delivery.mail_limits import MailLimits
from howmuch.model import Role
from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases import accounts
from howmuch.usecases.invitations import Terms, add_member, create_invitation
from howmuch.usecases.unsubscribe import read_mail_subject, unsubscribe
from tests.mail_delivery.conftest import smtp, working
from tests.mail_delivery.counts import unsent
from tests.mail_delivery.people import Friend, Trip, made_trip, now
from tests.mail_delivery.sink import Sink
from tests.mail_delivery.test_faults import any_tried
from tests.mail_delivery.test_worker import text_of
from tests.waiting import until

STRANGER = "stranger@example.com"


def invite(trip: Trip, *addresses: str, by: int = 0) -> None:
    for address in addresses:
        with trip.by(trip.people[by]) as (connection, caller):
            create_invitation(
                connection,
                caller,
                now(),
                role=Role.VIEWER,
                terms=Terms(email=address),
            )


def doubt(trip: Trip, friend: Friend) -> None:
    """Their address is no longer verified."""
    trip.set_user(friend, email_verify_time=None)


def states(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(tables.deliveries.c.state)).scalars())


def done(database: Database, count: int) -> bool:
    """Whether so many mails have been decided on."""
    return len(states(database)) == count and not unsent(database)


def test_unverified_sender_mails_no_invitation(own_database: Database, sink: Sink) -> None:
    """Neither by CreateInvitation nor with a new guest, however many there are."""
    trip = made_trip(own_database, 1)
    doubt(trip, trip.people[0])
    invite(trip, *[STRANGER] * 20)
    with trip.by(trip.people[0]) as (connection, caller):
        add_member(
            connection, caller, now(), name="Zoe", email=STRANGER, role=Role.VIEWER, weight=1
        )
    with working(own_database, smtp(sink.port)):
        until(lambda: done(own_database, 21))
    assert states(own_database) == ["SKIPPED"] * 21
    assert not sink.received


def test_sender_who_is_doubted_before_the_mail_goes_sends_none(
    own_database: Database, sink: Sink
) -> None:
    """The state at the time of sending counts."""
    trip = made_trip(own_database, 1)
    invite(trip, STRANGER)
    sink.on_recipient = lambda _: "450 later"
    with working(own_database, smtp(sink.port)):
        until(lambda: any_tried(own_database))
        doubt(trip, trip.people[0])
        sink.on_recipient = lambda _: "250 OK"
        until(lambda: states(own_database) == ["SKIPPED"])
    assert not sink.received


def test_event_mail_goes_to_verified_addresses_on_behalf_of_verified_users(
    own_database: Database, sink: Sink
) -> None:
    """Whether the address lost its verification before the change or after it."""
    trip = made_trip(own_database, 5, names=["Ana", "Bo", "Never", "Late", "Author"])
    _, bo, never, late, author = trip.people
    doubt(trip, never)
    doubt(trip, author)
    with working(own_database, smtp(sink.port), window_seconds=3600):
        trip.spend(reason="By the author", by=4)
        trip.spend(reason="By Ana")
        until(lambda: len(states(own_database)) == 2)
        doubt(trip, late)
        with own_database.begin() as connection:
            connection.execute(update(tables.deliveries).values(due_time=now()))
        until(lambda: done(own_database, 2))
    ((to, mail),) = sink.mails()
    assert to == bo.email
    assert "By Ana" in text_of(mail)
    assert "By the author" not in text_of(mail)


def test_password_change_is_not_mailed_to_an_unverified_address(
    own_database: Database, sink: Sink
) -> None:
    """It may be the address of a stranger, whom each change would bother."""
    trip = made_trip(own_database, 2)
    mine, theirs = trip.people
    doubt(trip, theirs)
    for friend in trip.people:
        with own_database.begin() as connection:
            accounts.change_password(connection, friend.user_id, "", now(), "hash")
    with working(own_database, smtp(sink.port)):
        until(lambda: done(own_database, 2))
    assert [to for to, _ in sink.received] == [mine.email]


@pytest.mark.parametrize(
    ("limit", "addresses", "mailed"),
    [
        ("invitations_by_sender", ["a@example.com", "b@example.com", "c@example.com"], 2),
        ("invitations_by_recipient", [STRANGER] * 4, 2),
        # One mailbox has many addresses.
        (
            "invitations_by_recipient",
            ["s.tranger@gmail.com", "stranger+1@gmail.com", "stranger@googlemail.com"],
            2,
        ),
        ("invitations_per_day", ["a@example.com", "b@example.com", "c@example.com"], 2),
    ],
)
def test_invitations_of_a_day_are_limited(
    own_database: Database, sink: Sink, limit: str, addresses: list[str], mailed: int
) -> None:
    """By sender, by recipient and in all; the invitations themselves are there."""
    trip = made_trip(own_database, 1)
    invite(trip, *addresses)
    with working(own_database, smtp(sink.port), limits=replace(MailLimits(), **{limit: 2})):
        until(lambda: done(own_database, len(addresses)))
    assert len(sink.received) == mailed
    with own_database.read() as connection:
        invited = connection.execute(select(tables.invitations.c.email)).scalars().all()
    assert sorted(invited) == sorted(addresses)


def test_limits_are_of_one_sender_one_recipient_and_one_day(
    own_database: Database, sink: Sink
) -> None:
    """Others are not shut out by somebody who has used up theirs, nor the same person tomorrow."""
    one, other = made_trip(own_database, 1), made_trip(own_database, 1)
    limits = replace(MailLimits(), invitations_by_sender=1, invitations_by_recipient=2)
    invite(one, "a@example.com", "b@example.com")
    invite(other, "c@example.com")
    with working(own_database, smtp(sink.port), limits=limits):
        until(lambda: done(own_database, 3))
        assert len(sink.received) == 2
        with own_database.begin() as connection:
            yesterday = now().date() - dt.timedelta(days=1)
            connection.execute(update(tables.mail_counts).values(day=yesterday))
        invite(one, "d@example.com")
        until(lambda: done(own_database, 4))
    assert {to for to, _ in sink.received} >= {"c@example.com", "d@example.com"}


def test_links_for_an_account_are_limited_by_mailbox(own_database: Database, sink: Sink) -> None:
    """Whoever asks for them, and for how many accounts of one mailbox."""
    limits = replace(MailLimits(), account_mails_by_recipient=3)
    trip = made_trip(own_database, 2)
    for number, friend in enumerate(trip.people):
        trip.set_user(friend, email=f"victim+{number}@example.com", email_verify_time=None)
    with own_database.begin() as connection:
        for friend in trip.people:
            for _ in range(2):
                accounts.request_email_verification(connection, now(), friend.user_id)
        accounts.request_password_reset(connection, now(), "victim+1@example.com")
    with working(own_database, smtp(sink.port), limits=limits):
        until(lambda: done(own_database, 5))
    assert len(sink.received) == 3


def test_a_mail_to_an_unverified_address_has_no_text_of_its_user(
    own_database: Database, sink: Sink
) -> None:
    """The name would be a text for the owner of the address."""
    trip = made_trip(own_database, 1, names=["Win at http://evil.com now"])
    friend = trip.people[0]
    doubt(trip, friend)
    with own_database.begin() as connection:
        accounts.request_email_verification(connection, now(), friend.user_id)
        accounts.request_password_reset(connection, now(), friend.email)
    with working(own_database, smtp(sink.port)):
        until(lambda: done(own_database, 2))
    assert len(sink.received) == 2
    for _, mail in sink.mails():
        assert "Win" not in f"{mail['subject']} {text_of(mail)}"


def test_never_invite_me_again_ends_invitations_of_everybody(
    own_database: Database, sink: Sink
) -> None:
    """The link is in every invitation, and mail programs have a button for it; looking changes nothing."""
    one, other = made_trip(own_database, 1), made_trip(own_database, 1)
    with working(own_database, smtp(sink.port)):
        invite(one, STRANGER)
        until(lambda: done(own_database, 1))
        ((_, mail),) = sink.mails()
        found = re.search(r"https://howmuch\.example/v1/mail/(\S+):unsubscribe", text_of(mail))
        assert found
        assert mail["list-unsubscribe"] == f"<{found[0]}>"
        assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
        with own_database.read() as connection:
            assert read_mail_subject(connection, found[1], "").invitations
        invite(other, STRANGER)
        until(lambda: done(own_database, 2))
        assert len(sink.received) == 2
        for _ in range(2):
            with own_database.begin() as connection:
                assert unsubscribe(connection, found[1], "", now()).invitations
        invite(one, STRANGER, "stranger+again@example.com")
        invite(other, STRANGER, "somebody.else@example.com")
        until(lambda: done(own_database, 6))
    assert [to for to, _ in sink.received] == [STRANGER, STRANGER, "somebody.else@example.com"]
