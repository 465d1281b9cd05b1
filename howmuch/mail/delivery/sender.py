"""Sends mails: claims them, writes them out of what is true now, hands each over, and notes that it is gone.

A mail is claimed for as long as a mail server may take, so that nobody else sends it meanwhile. Only a
process that dies between the server's answer and the note sends it again, and then with the same Message-ID.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr

import structlog
from sqlalchemy import Update, bindparam, null, or_, select, update

from howmuch.mail.compose import compose
from howmuch.mail.delivery.letters_from_database import (
    Claimed,
    Links,
    Outgoing,
    Skip,
    write_letters,
)
from howmuch.mail.delivery.mailers import Mailer
from howmuch.mail.delivery.sent_marks import SentMark, SentMarks
from howmuch.mail.headers import ascii_address
from howmuch.mail.render import render
from howmuch.messaging import message_metrics
from howmuch.messaging.broker import Away, GiveUp, RetryLater
from howmuch.messaging.observer import NOBODY, MailObserver
from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries
from howmuch.telemetry.origin import NOWHERE, Origin

log = structlog.get_logger()

_MOST_IDS = 10
"""How many of the requests that caused a mail the line about it names."""

_OF_IDS = deliveries.c.id.in_(bindparam("mails", expanding=True))
_CLAIM = (
    update(deliveries)
    .where(
        _OF_IDS,
        deliveries.c.state.in_(["QUEUED", "DEAD"]),
        or_(deliveries.c.lease_time.is_(null()), deliveries.c.lease_time <= bindparam("now")),
    )
    .values(
        state="QUEUED",
        done_time=null(),
        attempts=deliveries.c.attempts + 1,
        lease_time=bindparam("lease"),
    )
    .returning(
        deliveries.c.id,
        deliveries.c.kind,
        deliveries.c.user_id,
        deliveries.c.slot,
        deliveries.c.token,
        deliveries.c.create_time,
    )
)
_STILL_QUEUED = select(deliveries.c.id).where(_OF_IDS, deliveries.c.state == "QUEUED")
_OF_ID = deliveries.c.id == bindparam("mail")
_RELEASE = update(deliveries).where(_OF_ID).values(lease_time=null())
_END = (
    update(deliveries)
    .where(_OF_ID)
    .values(state=bindparam("end_state"), done_time=bindparam("now"), lease_time=null())
)


@dataclass(frozen=True, slots=True)
class Sender:
    """address: such as `howmuch <noreply@example.com>`. lease_seconds: longest that a server may take."""

    address: str
    links: Links
    lease_seconds: float

    @property
    def envelope(self) -> str:
        """The bare address."""
        return parseaddr(self.address)[1]

    @property
    def domain(self) -> str:
        """What follows the @: of ids of mails, and by which the mail server is greeted."""
        return self.envelope.rpartition("@")[2]


class MailSender:
    """Any number of them may work on one database."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        sender: Sender,
        observer: MailObserver = NOBODY,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._sender = sender
        self._envelope_sender, self._domain = sender.envelope, sender.domain
        self._sent_marks = SentMarks(database)
        self._observer = observer

    def send(self, due: Mapping[str, Origin]) -> list[Exception | None]:
        """Sends mails by their ids; for each why it could not be sent: RetryLater, GiveUp; or None.

        due: each with what the message came from that has it sent.
        """
        mails = list(due)
        letters, elsewhere = self._claim(mails)
        results: dict[str, Exception | None] = {
            mail: RetryLater("another worker is sending this mail, or died while it did")
            for mail in elsewhere
        }
        notes: list[SentMark] = []
        away: Away | None = None
        for mail, letter in letters.items():
            if isinstance(letter, Skip):
                self._note(mail, _END, "skipped", end_state="SKIPPED")
                log.info("mail skipped", delivery_id=mail, reason=str(letter))
            elif away is not None:
                self._note(mail, _RELEASE, "retried")
                results[mail] = away
            else:
                results[mail] = self._send(mail, letter, due[mail])
                if results[mail] is None:
                    notes.append(self._sent_marks.sent(mail))
                away = error if isinstance(error := results[mail], Away) else None
        for note in notes:
            # Not noted, it is not done: its message comes again, and with it the same Message-ID.
            results[note.mail] = note.wait()
            message_metrics.MAILS.labels("sent").inc()
        return [results.get(mail) for mail in mails]

    def _claim(self, mails: Sequence[str]) -> tuple[dict[str, Outgoing | Skip], set[str]]:
        """Letters of those that are ours to send now, and those that somebody else has; others are done."""
        now = dt.datetime.now(dt.UTC)
        lease = now + dt.timedelta(seconds=self._sender.lease_seconds)
        with self._database.begin() as connection:
            rows = connection.execute(_CLAIM, {"mails": mails, "now": now, "lease": lease}).all()
            claimed = [Claimed(*row) for row in rows]
            ours = {each.id for each in claimed}
            others = [mail for mail in mails if mail not in ours]
            busy: set[str] = set()
            if others:
                busy = set(connection.execute(_STILL_QUEUED, {"mails": others}).scalars())
            letters = write_letters(connection, claimed, self._sender.links, now)
        written = {each.id: letter for each, letter in zip(claimed, letters, strict=True)}
        return {mail: written[mail] for mail in mails if mail in written}, busy

    def _send(self, mail: str, letter: Outgoing, origin: Origin) -> Exception | None:
        origins = letter.origins or ([origin] if origin != NOWHERE else [])
        try:
            with self._observer.sending(letter.kind, mail, origin, origins):
                self._hand_over(letter)
        except (GiveUp, ValueError) as error:
            self._note(mail, _END, "dead", end_state="DEAD")
            return error
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail is free to be tried again
            self._note(mail, _RELEASE, "retried")
            return error
        request_ids = [each.request_id for each in origins[:_MOST_IDS]]
        log.info("mail sent", delivery_id=mail, kind=letter.kind, request_ids=request_ids)
        return None

    def _hand_over(self, letter: Outgoing) -> None:
        domain = self._domain
        data = compose(
            render(letter.letter),
            sender=self._sender.address,
            recipient=letter.recipient,
            message_id=f"<{letter.delivery_id}@{domain}>",
            date=letter.date,
            thread=f"<{letter.event_id}@{domain}>" if letter.event_id else "",
            unsubscribe_url=letter.unsubscribe_url,
        )
        recipient = ascii_address(letter.recipient, "recipient")
        self._mailer.send(self._envelope_sender, recipient, data)

    def _note(self, mail: str, statement: Update, result: str, **values: object) -> None:
        with self._database.begin() as connection:
            connection.execute(statement, {"mail": mail, "now": dt.datetime.now(dt.UTC), **values})
        message_metrics.MAILS.labels(result).inc()
