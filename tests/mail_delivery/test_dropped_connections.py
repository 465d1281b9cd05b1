"""A connection that a mail server drops costs the mail in it a try, and its neighbours nothing."""

from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import select

from howmuch.mail.delivery.mailers import SmtpMailer
from howmuch.mail.delivery.sender import MailSender
from howmuch.messaging.broker import Away, NotTried, Unreachable
from howmuch.messaging.handling import RetryPolicy, handle
from howmuch.messaging.messages import Message
from howmuch.storage import tables
from howmuch.storage.database import Database
from howmuch.telemetry.origin import NOWHERE
from tests.mail_delivery.conftest import SENDER, smtp
from tests.mail_delivery.people import Trip, made_trip
from tests.mail_delivery.sink import Server, Sink
from tests.mail_delivery.test_headers_of_each_kind import queued
from tests.ports import free_port


@pytest.fixture
def dialect() -> str:
    """These are about mail servers, so one database does."""
    return "sqlite"


@pytest.fixture
def trips(own_database: Database) -> list[Trip]:
    return [made_trip(own_database, 2) for _ in range(5)]


def send(database: Database, port: int, batch: Mapping[str, str]) -> Sequence[Exception | None]:
    """Sends a batch over a mailer of its own."""
    mailer = smtp(port)
    try:
        return MailSender(database, mailer, SENDER).send(dict.fromkeys(batch, NOWHERE))
    finally:
        mailer.close()


def mails(trips: list[Trip]) -> dict[str, str]:
    """Mail to its recipient: one for each trip, in one batch."""
    return {queued(trip, "PASSWORD_CHANGED", "x"): trip.people[1].email for trip in trips}


def rows(database: Database) -> Mapping[str, tuple[str, int]]:
    """Mail to its state and its tries."""
    columns = tables.deliveries.c
    with database.read() as connection:
        found = connection.execute(select(columns.id, columns.state, columns.attempts))
        return {row.id: (row.state, row.attempts) for row in found}


def test_only_the_mail_in_a_dropped_connection_is_tried_again(
    own_database: Database, sink: Sink, trips: list[Trip]
) -> None:
    """The rest of its batch goes over a new connection."""
    batch = mails(trips)
    unlucky = list(batch)[1]

    def on_recipient(address: str) -> str:
        sink.drop_in_data = address == batch[unlucky]
        return "250 OK"

    sink.on_recipient = on_recipient
    errors = send(own_database, sink.port, batch)
    assert [type(error) for error in errors] == [
        Away if mail == unlucky else type(None) for mail in batch
    ]
    assert {state for mail, (state, _) in rows(own_database).items() if mail != unlucky} == {"SENT"}
    assert rows(own_database)[unlucky] == ("QUEUED", 1)
    assert len(sink.received) == 4


def test_closing_answer_to_one_mail_leaves_the_others_alone(
    own_database: Database, sink: Sink, trips: list[Trip]
) -> None:
    """421 closes the connection, and refuses the mail that it answers."""
    batch = mails(trips)
    unlucky = next(iter(batch))
    sink.on_data = lambda to: "421 closing" if to == batch[unlucky] else "250 OK"
    errors = send(own_database, sink.port, batch)
    assert [error is None for error in errors] == [mail != unlucky for mail in batch]
    assert len(sink.received) == 4


def test_server_that_is_down_is_tried_by_one_mail(
    own_database: Database, trips: list[Trip]
) -> None:
    """The others have had no try, and keep their count."""
    batch = mails(trips)
    first, *rest = send(own_database, free_port(), batch)
    assert isinstance(first, Unreachable)
    assert all(isinstance(error, NotTried) for error in rest)
    assert sorted(attempts for _, attempts in rows(own_database).values()) == [0, 0, 0, 0, 1]
    assert {state for state, _ in rows(own_database).values()} == {"QUEUED"}


def test_kept_connection_that_was_closed_costs_no_mail(
    own_database: Database, trips: list[Trip]
) -> None:
    """The server closed it between two mails: the next one gets a new connection at once."""
    sink = Sink()
    server = Server(sink)
    server.start()
    mailer: SmtpMailer = smtp(sink.port)
    sender = MailSender(own_database, mailer, SENDER)
    first, second, *_ = mails(trips)
    try:
        assert sender.send({first: NOWHERE}) == [None]
        server.hang_up()
        assert sender.send({second: NOWHERE}) == [None]
    finally:
        mailer.close()
        server.stop()
    assert rows(own_database)[second] == ("SENT", 1)


def test_message_that_was_not_tried_never_becomes_a_dead_letter() -> None:
    """And waits for the first delay, whatever its count."""
    message = Message("1", "mail.send", b"", attempts=99)
    [verdict] = handle(lambda _: [NotTried("down")], [message], RetryPolicy((7, 60), 3))
    assert (verdict.delay_seconds, verdict.attempts) == (7, 0)
    [verdict] = handle(lambda _: [Away("dropped")], [message], RetryPolicy((7, 60), 3))
    assert verdict.delay_seconds is None


def test_mail_file_is_for_its_owner_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever the directory and the umask allow."""
    import os
    import stat

    from howmuch.mail.delivery.mailers import DirectoryMailer

    directory = tmp_path_factory.mktemp("open")
    directory.chmod(0o777)
    before = os.umask(0)
    try:
        DirectoryMailer(directory).send("a@example.com", "b@example.com", b"secret")
    finally:
        os.umask(before)
    [file] = directory.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes() == b"secret"
