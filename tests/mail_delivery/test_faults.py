"""Mail servers that refuse, hang, say no and break off; messages that nobody can handle."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from structlog.testing import capture_logs

from howmuch.mail.delivery.mailers import DirectoryMailer
from howmuch.messaging.broker import DeadLetter, DeadLetters
from howmuch.messaging.local import LocalDeadLetters
from howmuch.messaging.rabbit_dead import RabbitDeadLetters
from howmuch.storage import tables
from howmuch.storage.database import Database
from tests.mail_delivery.conftest import smtp, working
from tests.mail_delivery.people import made_trip, now
from tests.mail_delivery.sink import Server, Sink
from tests.ports import free_port
from tests.waiting import until


@pytest.fixture
def dialect() -> str:
    """These are about brokers and mail servers, so one database does."""
    return "postgresql"


@pytest.fixture(params=["local", pytest.param("rabbitmq", marks=pytest.mark.slow)])
def rabbit(request: pytest.FixtureRequest) -> str:
    """URL of RabbitMQ; empty for the broker in the database, which has the quick tests."""
    return "" if request.param == "local" else str(request.getfixturevalue("rabbit_url"))


@pytest.fixture
def dead(own_database: Database, rabbit: str) -> DeadLetters:
    """The dead letters, of which there are none yet."""
    letters: DeadLetters = RabbitDeadLetters(rabbit) if rabbit else LocalDeadLetters(own_database)
    letters.drop([letter.id for letter in letters.read()])
    return letters


def states(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(tables.deliveries.c.state)).scalars())


def once(bad: str) -> Callable[[str], str]:
    """The bad answer to each recipient's first try, then 250."""
    seen: set[str] = set()

    def answer(recipient: str) -> str:
        if recipient in seen:
            return "250 OK"
        seen.add(recipient)
        return bad

    return answer


def test_a_server_that_is_away_is_tried_again(own_database: Database, rabbit: str) -> None:
    """L22: connections are refused; then it is there."""
    sink = Sink(port=free_port())
    trip = made_trip(own_database, 3)
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        trip.spend()
        until(lambda: any_tried(own_database))
        server = Server(sink)
        server.start()
        try:
            until(lambda: states(own_database) == ["SENT", "SENT"])
        finally:
            server.stop()
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)


def any_tried(database: Database) -> bool:
    with database.read() as connection:
        attempts = connection.execute(
            select(tables.deliveries.c.attempts).where(tables.deliveries.c.lease_time.is_(None))
        ).scalars()
        return any(attempts)


# Whichever broker brings a mail, its answer is read by the same code.
@pytest.mark.parametrize(
    ("rabbit", "where", "bad"),
    [
        ("local", "on_recipient", "421 closing"),
        ("local", "on_recipient", "450 mailbox busy"),
        ("local", "on_data", "421 closing"),
        ("local", "on_data", "450 mailbox busy"),
        ("rabbitmq", "on_data", "421 closing"),
    ],
    indirect=["rabbit"],
)
def test_a_4xx_is_tried_again(
    own_database: Database, sink: Sink, rabbit: str, where: str, bad: str
) -> None:
    """And sent once."""
    setattr(sink, where, once(bad))
    made_trip(own_database, 3).spend()
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: states(own_database) == ["SENT", "SENT"])
    assert len(sink.received) == 2


@pytest.mark.parametrize("where", ["on_recipient", "on_data"])
def test_a_550_is_a_dead_letter_and_holds_up_nobody(
    own_database: Database, sink: Sink, rabbit: str, dead: DeadLetters, where: str
) -> None:
    """It is not tried again by itself, and can be by hand once the address is mended."""
    trip = made_trip(own_database, 4)
    gone = trip.others[0].email
    setattr(sink, where, lambda to: "550 no such mailbox" if to == gone else "250 OK")
    trip.spend()
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: states(own_database) == ["DEAD", "SENT", "SENT"])
        (letter,) = wait_for(dead, 1)
        assert "550 no such mailbox" in letter.error
        assert letter.message.routing_key == "mail.send"
        setattr(sink, where, lambda _: "250 OK")
        assert dead.retry([letter.id]) == 1
        until(lambda: states(own_database) == ["SENT"] * 3)
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)
    assert dead.read() == []


def wait_for(dead: DeadLetters, count: int) -> Sequence[DeadLetter]:
    until(lambda: len(dead.read()) == count)
    return dead.read()


def test_a_server_that_breaks_off_within_data_is_tried_again(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """Nobody has said 250."""
    sink.drop_in_data = True
    made_trip(own_database, 2).spend()
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: any_tried(own_database))
        sink.drop_in_data = False
        until(lambda: states(own_database) == ["SENT"])
    assert len(sink.received) == 1


def test_a_server_that_hangs_is_given_up_for_now(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """After the timeout."""
    sink.hang_seconds = 60
    made_trip(own_database, 2).spend()
    with working(own_database, smtp(sink.port, timeout_seconds=2.0), rabbit=rabbit):
        until(lambda: any_tried(own_database))
        sink.hang_seconds = 0
        until(lambda: states(own_database) == ["SENT"])
    assert len(sink.received) == 1


def test_what_fails_too_often_is_a_dead_letter(
    own_database: Database, sink: Sink, rabbit: str, dead: DeadLetters
) -> None:
    """The mail is still to be sent, so that somebody sees it; another try sends it."""
    sink.on_data = lambda _: "451 try later"
    made_trip(own_database, 2).spend()
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        (letter,) = wait_for(dead, 1)
        assert letter.message.attempts == 4
        assert states(own_database) == ["QUEUED"]
        sink.on_data = lambda _: "250 OK"
        dead.retry([letter.id])
        until(lambda: states(own_database) == ["SENT"])


def test_a_poison_message_blocks_nobody(
    own_database: Database, sink: Sink, rabbit: str, dead: DeadLetters
) -> None:
    """Neither one that cannot be read nor one that makes no sense; what comes with it is handled."""
    with own_database.begin() as connection:
        for key, payload in (
            ("event.expense.created", {"nonsense": 1}),
            ("unknown.key", {"event_id": "x"}),
            ("account.unheard.of", {"user_id": "x", "delivery_id": "dlv_x"}),
        ):
            connection.execute(
                insert(tables.outbox),
                {"routing_key": key, "payload": payload, "create_time": now()},
            )
    trip = made_trip(own_database, 3)
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        trip.spend()
        until(lambda: states(own_database) == ["SENT", "SENT"])
        letters = wait_for(dead, 3)
    assert all(letter.error for letter in letters)
    assert dead.drop([letters[0].id]) == 1
    assert len(dead.read()) == 2


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)
def test_fan_out_that_fails_is_told_later(
    own_database: Database, sink: Sink, rabbit: str, dead: DeadLetters
) -> None:
    """The table of notices is away at the first try; at the next, everybody is told once."""
    trip = made_trip(own_database, 3)
    rename(own_database, "notices", "away")
    trip.spend()
    with capture_logs() as logs, working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: any(line["event"] == "message is tried again" for line in logs))
        rename(own_database, "away", "notices")
        until(lambda: states(own_database) == ["SENT", "SENT"])
    assert sorted(to for to, _ in sink.mails()) == sorted(friend.email for friend in trip.others)
    assert dead.read() == []


def rename(database: Database, old: str, new: str) -> None:
    with database.begin() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))


def slow(_: str) -> str:
    """Takes a mail, and its time for it."""
    time.sleep(0.01)
    return "250 OK"


def test_a_stop_lets_what_is_being_sent_end(
    own_database: Database, sink: Sink, rabbit: str
) -> None:
    """What was not begun is sent by the next worker; nothing is sent twice."""
    trips = [made_trip(own_database, 4) for _ in range(30)]
    for trip in trips:
        trip.spend()
    sink.on_data = slow
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: len(sink.received) > 5)
    before = len(sink.received)
    with working(own_database, smtp(sink.port), rabbit=rabbit):
        until(lambda: states(own_database) == ["SENT"] * 90, seconds=60)
    assert before < 90, "the stop came too late to show anything"
    assert len({mail["message-id"] for _, mail in sink.mails()}) == len(sink.received) == 90


def test_a_directory_that_cannot_be_written_is_tried_again(
    own_database: Database, tmp_path: Path
) -> None:
    """The file is there as a whole or not at all."""
    in_the_way = tmp_path / "mail"
    in_the_way.write_text("a file, where the directory should be")
    made_trip(own_database, 2).spend()
    with working(own_database, DirectoryMailer(in_the_way)):
        until(lambda: any_tried(own_database))
        in_the_way.unlink()
        until(lambda: states(own_database) == ["SENT"])
    (mail,) = in_the_way.iterdir()
    assert mail.suffix == ".eml"
    assert time.time_ns() > int(mail.name.partition("-")[0])
