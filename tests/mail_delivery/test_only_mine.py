"""Mail about what concerns the reader: members who want only expenses that they are part of."""

from dataclasses import replace

import pytest

from howmuch.ledger.split import EqualSplit
from howmuch.storage.database import Database
from howmuch.usecases import events, expenses, members
from howmuch.usecases.comments import add_comment
from howmuch.usecases.expense_size import Input
from tests.mail_delivery.conftest import smtp, working
from tests.mail_delivery.counts import noticed, unsent
from tests.mail_delivery.people import Friend, Trip, made_trip, now
from tests.mail_delivery.sink import Sink
from tests.mail_delivery.test_worker import end_windows, text_of
from tests.waiting import until


def choose(trip: Trip, friend: Friend) -> None:
    with trip.by(friend) as (connection, caller):
        members.update_member(connection, caller, now(), friend.member_id, {"mail_only_mine": True})


def spend_for(trip: Trip, reason: str, *friends: Friend) -> str:
    """An expense that the first paid for these."""
    with trip.by(trip.people[0]) as (connection, caller):
        draft = trip.draft(reason, 3000, trip.people[0])
        split = EqualSplit(tuple(friend.member_id for friend in friends))
        given = Input(replace(draft, split=split), "expense")
        [made] = expenses.create_expenses(connection, caller, now(), lambda _: [given])
    return made.id


def revise_for(trip: Trip, expense_id: str, *friends: Friend) -> None:
    split = EqualSplit(tuple(friend.member_id for friend in friends))
    with trip.by(trip.people[0]) as (connection, caller):
        expenses.update_expense(
            connection, caller, now(), expense_id, "", lambda e: replace(e.draft, split=split)
        )


def comment(trip: Trip, expense_id: str, friend: Friend) -> None:
    with trip.by(friend) as (connection, caller):
        add_comment(connection, caller, now(), expense_id, "Really?")


@pytest.mark.parametrize("mode", ["EACH_CHANGE", "DAILY_DIGEST"])
def test_only_expenses_of_the_reader_are_mailed(
    own_database: Database, sink: Sink, rabbit: str, mode: str
) -> None:
    """Those they share, or shared before; other news of the event still come. Also in digests."""
    trip = made_trip(own_database, 3, names=["Ana", "Bo", "Cy"], mail_mode=mode)
    ana, bo, cy = trip.people
    choose(trip, bo)
    with working(own_database, smtp(sink.port), rabbit=rabbit, window_seconds=3600):
        alone = spend_for(trip, "Alone", ana, cy)
        comment(trip, alone, ana)
        shared = spend_for(trip, "Shared", ana, bo)
        revise_for(trip, shared, ana, cy)
        revise_for(trip, shared, cy)
        with trip.by(ana) as (connection, caller):
            events.update_event(connection, caller, now(), {"name": "Rome"}, "")
        comment(trip, shared, ana)
        until(lambda: noticed(own_database) == 7 + 3)
        end_windows(own_database)
        until(lambda: len(sink.received) >= 2)
        until(lambda: not unsent(own_database))
    texts = {to: text_of(mail) for to, mail in sink.mails()}
    assert "Alone" in texts[cy.email]
    assert "Alone" not in texts[bo.email]
    assert texts[bo.email].count("“Shared”") == 2
    assert "renamed the event to “Rome”" in texts[bo.email]


def test_choice_between_change_and_mail_counts(own_database: Database, sink: Sink) -> None:
    """A mail that was waiting leaves out what its reader no longer wants, or is not sent at all."""
    trip = made_trip(own_database, 3, names=["Ana", "Bo", "Cy"])
    ana, bo, cy = trip.people
    with working(own_database, smtp(sink.port), window_seconds=3600):
        spend_for(trip, "Alone", ana, cy)
        until(lambda: noticed(own_database) == 2)
        choose(trip, bo)
        end_windows(own_database)
        until(lambda: not unsent(own_database))
    assert [to for to, _ in sink.mails()] == [cy.email]


def test_times_name_their_zone(own_database: Database, sink: Sink) -> None:
    """Of several changes each has its time, in the reader's zone, with its name."""
    trip = made_trip(own_database, 2, time_zone="Europe/Lisbon")
    with working(own_database, smtp(sink.port)):
        trip.spend(2)
        until(lambda: not unsent(own_database) and len(sink.received) == 1)
    [(_, mail)] = sink.mails()
    assert text_of(mail).count("(Lisbon time)") == 2
