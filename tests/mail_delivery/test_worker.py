"""From a change to the mails of those it concerns, by both brokers and on both databases."""

import datetime as dt
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import EmailMessage

from sqlalchemy import select

from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.usecases import comments, expenses, members
from tests.mail_delivery.conftest import smtp, working
from tests.mail_delivery.counts import noticed, unsent, waiting
from tests.mail_delivery.people import Trip, made_trip, now
from tests.mail_delivery.sink import Sink
from tests.waiting import until

Working = Callable[..., AbstractContextManager[object]]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def end_windows(database: Database) -> None:
    """As if their time had come: what has been gathered until now is sent."""
    waits = tables.deliveries.c.state == "WAITING"
    with database.begin() as connection:
        connection.execute(tables.deliveries.update().where(waits).values(due_time=now()))


def test_a_change_is_mailed_to_everybody_but_its_author(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """With what the recipient is owed or owes, once each, in one thread an event."""
    trip = made_trip(own_database, 4, names=["Ana", "Bo", "Cy", "Di"])
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        [dinner] = trip.spend(reason="Dinner", amount_minor=4860)
        until(lambda: len(sink.received) >= 3)
        until(lambda: not unsent(own_database))
    event_page = f"https://howmuch.example/{trip.event_id}"
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)
    for _, mail in sink.mails():
        assert "Ana" in mail["subject"]
        assert "Dinner" in mail["subject"]
        assert re.search(r"You owe .*12[.,]15", text_of(mail)), text_of(mail)
        assert f"Why? {event_page}/why/mbr_" in text_of(mail)
        pages = {f"  {event_page}/of/{dinner.id}", event_page, f"{event_page}/settings"}
        assert pages <= set(text_of(mail).splitlines())
        assert mail["references"] == f"<{trip.event_id}@howmuch.example>"
        assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert len({mail["message-id"] for _, mail in sink.mails()}) == 3


def test_changes_within_the_window_are_one_mail(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """L21: an import of 200 expenses is one mail for each of the others, which says how many there were."""
    trip = made_trip(own_database, 3)
    with working(own_database, smtp(sink.port), rabbit=rabbit, window_seconds=3600):
        trip.spend(200, reason="Item")
        until(lambda: noticed(own_database) == 400)
        end_windows(own_database)
        until(lambda: len(sink.received) >= 2)
        until(lambda: not unsent(own_database))
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)
    for _, mail in sink.mails():
        assert "200" in mail["subject"]


def test_who_muted_turned_mail_off_or_left_gets_none(own_database: Database, sink: Sink) -> None:
    """Whether before the change or between the change and its mail."""
    trip = made_trip(own_database, 6, names=["Ana", "Muted", "Off", "Late", "Later", "Reads"])
    _, muted, off, late, later, reads = trip.people
    trip.mute(muted)
    trip.set_user(off, mail_mode="OFF")
    with working(own_database, smtp(sink.port), window_seconds=3600):
        trip.spend()
        until(lambda: waiting(own_database) == 3)
        trip.mute(late)
        trip.set_user(later, mail_mode="OFF")
        end_windows(own_database)
        until(lambda: not unsent(own_database))
    assert [to for to, _ in sink.mails()] == [reads.email]


def test_a_comment_is_mailed_and_its_deletion_is_not(own_database: Database, sink: Sink) -> None:
    """With the text, and the expense that it is about."""
    trip = made_trip(own_database, 2, names=["Ana", "Bo"])
    with working(own_database, smtp(sink.port)):
        (expense,) = trip.spend(by=1)
        until(lambda: len(sink.received) == 1)
        with trip.by(trip.people[0]) as (connection, caller):
            made = comments.add_comment(connection, caller, now(), expense.id, "With the tip?")
        until(lambda: len(sink.received) == 2)
        with trip.by(trip.people[0]) as (connection, caller):
            comments.delete_comment(connection, caller, now(), expense.id, made.id)
        until(lambda: not unsent(own_database))
    [*_, (to, mail)] = sink.mails()
    assert len(sink.received) == 2
    assert to == trip.people[1].email
    assert "Ana commented on “Dinner”" in mail["subject"]
    assert "“With the tip?”" in text_of(mail)


def test_a_change_of_nothing_is_no_news(own_database: Database, sink: Sink) -> None:
    """L20: an update that changes nothing mails nobody; nor does a mute, or a new weight."""
    trip = made_trip(own_database, 2)
    with working(own_database, smtp(sink.port)):
        (expense,) = trip.spend()
        until(lambda: len(sink.received) == 1)
        with trip.by(trip.people[0]) as (connection, caller):
            expenses.update_expense(connection, caller, now(), expense.id, "", lambda e: e.draft)
        trip.mute(trip.people[0])
        with trip.by(trip.people[0]) as (connection, caller):
            members.update_member(
                connection, caller, now(), trip.people[1].member_id, {"weight": 3}
            )
        until(lambda: not unsent(own_database))
    assert len(sink.received) == 1


def test_a_digest_gathers_all_events_until_the_morning(own_database: Database, sink: Sink) -> None:
    """It is due at eight o'clock where the reader is."""
    one = made_trip(own_database, 2, name="Lisbon trip", names=["Ana", "Bo"])
    bo = one.people[1]
    one.set_user(bo, mail_mode="DAILY_DIGEST", time_zone="Asia/Tokyo")
    with working(own_database, smtp(sink.port)):
        one.spend(3)
        until(lambda: waiting(own_database) == 1)
        with own_database.begin() as connection:
            (due,) = connection.execute(select(tables.deliveries.c.due_time)).one()
            assert due.astimezone(dt.UTC).hour == 23
            assert due > now()
            connection.execute(tables.deliveries.update().values(due_time=now()))
        until(lambda: not unsent(own_database))
    ((to, mail),) = sink.mails()
    assert to == bo.email
    assert "3" in mail["subject"]
    assert "Lisbon trip" in text_of(mail)


def test_a_message_that_comes_twice_is_one_mail(own_database: Database, sink: Sink) -> None:
    """Whoever publishes it again: a relay that died before it deleted its rows."""
    trip = made_trip(own_database, 3)
    trip.spend()
    with own_database.begin() as connection:
        rows = [
            dict(row._mapping)
            for row in connection.execute(
                select(
                    tables.outbox.c.routing_key,
                    tables.outbox.c.payload,
                    tables.outbox.c.create_time,
                )
            )
        ]
        connection.execute(tables.outbox.insert(), rows * 2)
    with working(own_database, smtp(sink.port)):
        until(lambda: len(sink.received) >= 2)
        until(lambda: not unsent(own_database))
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)


def test_mail_of_account_and_invitation(own_database: Database, sink: Sink) -> None:
    """Their links carry tokens that work, and nothing of them stays once they are sent."""
    from howmuch.model import Role
    from howmuch.usecases import accounts
    from howmuch.usecases.invitation_preview import get_invitation
    from howmuch.usecases.invitations import Terms, create_invitation

    trip = made_trip(own_database, 1, names=["Ana"])
    ana = trip.people[0]
    with working(own_database, smtp(sink.port)):
        with own_database.begin() as connection:
            accounts.request_password_reset(connection, now(), ana.email)
            accounts.request_password_reset(connection, now(), "nobody@example.com")
        with trip.by(ana) as (connection, caller):
            create_invitation(
                connection,
                caller,
                now(),
                role=Role.VIEWER,
                terms=Terms(email="zoe@example.com"),
            )
        until(lambda: len(sink.received) >= 2)
        until(lambda: not unsent(own_database))
    by_recipient = dict(sink.mails())
    assert set(by_recipient) == {ana.email, "zoe@example.com"}
    reset = token_in(by_recipient[ana.email], "reset")
    join = token_in(by_recipient["zoe@example.com"], "join")
    with own_database.begin() as connection:
        assert set(connection.execute(select(tables.deliveries.c.token)).scalars()) == {None}
        accounts.reset_password(connection, now(), reset, "hash")
        shown = get_invitation(connection, now(), join)
    assert (shown.event_name, shown.inviter_name) == ("Lisbon trip", "Ana")


def token_in(mail: EmailMessage, page: str) -> str:
    found = re.search(rf"https://howmuch\.example/{page}/(\S+)", text_of(mail))
    assert found, text_of(mail)
    return found[1]


def test_two_workers_share_and_send_nothing_twice(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """Both relay, both fan out, both send."""
    trips = [made_trip(own_database, 4) for _ in range(10)]
    with (
        working(own_database, smtp(sink.port), rabbit=rabbit),
        working(own_database, smtp(sink.port), rabbit=rabbit),
    ):
        for trip in trips:
            spend_some(trip)
        everybody = {friend.email for trip in trips for friend in trip.others}
        until(lambda: {to for to, _ in sink.received} == everybody)
        until(lambda: not unsent(own_database))
    ids = [mail["message-id"] for _, mail in sink.mails()]
    assert len(ids) == len(set(ids))


def spend_some(trip: Trip) -> None:
    for number in range(3):
        trip.spend(reason=f"Dinner {number}")
