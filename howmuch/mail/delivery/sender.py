"""Sends mails: claims them, writes them from the present data, hands each over, and marks it as sent.

A claim lasts as long as a mail server may take, so no other worker sends the mail meanwhile. If a process
dies between the server's answer and the mark, the mail is sent again with the same Message-ID.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from email.utils import parseaddr

import structlog
from sqlalchemy import Update, bindparam, null, or_, select, update

from howmuch.mail.compose import compose
from howmuch.mail.delivery.envelopes import Claimed, Links, Outgoing, Skip
from howmuch.mail.delivery.letters_from_database import write_letters
from howmuch.mail.delivery.mailers import Mailer
from howmuch.mail.delivery.sent_marks import SentMarks
from howmuch.mail.headers import ascii_address
from howmuch.mail.render import render
from howmuch.messaging import message_metrics
from howmuch.messaging.broker import GiveUp, NotTried, RetryLater, Unreachable
from howmuch.messaging.observer import UNOBSERVED, MailObserver
from howmuch.storage.clock import from_now
from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries
from howmuch.telemetry.origin import NOWHERE, Origin

log = structlog.get_logger()

_MOST_IDS = 10
"""How many of the requests that caused a mail its log line names."""

_OF_IDS = deliveries.c.id.in_(bindparam("mails", expanding=True))
_CLAIM = (
    update(deliveries)
    .where(
        _OF_IDS,
        deliveries.c.state.in_(["QUEUED", "DEAD"]),
        or_(deliveries.c.lease_time.is_(null()), deliveries.c.lease_time <= from_now("none")),
    )
    .values(
        state="QUEUED",
        done_time=null(),
        attempts=deliveries.c.attempts + 1,
        lease_time=from_now("lease_seconds"),
    )
    .returning(
        deliveries.c.id,
        deliveries.c.kind,
        deliveries.c.user_id,
        deliveries.c.slot,
        deliveries.c.token,
        deliveries.c.create_time,
        deliveries.c.email,
    )
)
_STILL_QUEUED = select(deliveries.c.id).where(_OF_IDS, deliveries.c.state == "QUEUED")
_OF_ID = deliveries.c.id == bindparam("mail")
_RELEASE = update(deliveries).where(_OF_ID).values(lease_time=null())
_RELEASE_UNTRIED = _RELEASE.values(attempts=deliveries.c.attempts - 1)
_END = (
    update(deliveries)
    .where(_OF_ID)
    .values(state=bindparam("end_state"), done_time=bindparam("now"), lease_time=null())
)
_SKIP = _END.values(token=null(), email=null())


@dataclass(frozen=True, slots=True)
class Sender:
    """address: such as `howmuch <noreply@example.com>`. lease_seconds: how long a claim lasts."""

    address: str
    links: Links
    lease_seconds: float

    @property
    def envelope(self) -> str:
        """The address without a name."""
        return parseaddr(self.address)[1]

    @property
    def domain(self) -> str:
        """The part of the address after the @, for message ids and the EHLO."""
        return self.envelope.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class _Claims:
    """letters: to send now. busy: mails that another worker has claimed. All other mails are done."""

    letters: dict[str, Outgoing | Skip]
    busy: set[str]


class MailSender:
    """Any number of senders may work on one database."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        sender: Sender,
        observer: MailObserver = UNOBSERVED,
    ) -> None:
        self._database = database
        self._mailer = mailer
        self._sender = sender
        self._envelope_sender, self._domain = sender.envelope, sender.domain
        self._sent_marks = SentMarks(database)
        self._observer = observer

    def send(self, due: Mapping[str, Origin]) -> list[Exception | None]:
        """Sends mails by their ids. Returns for each its error, RetryLater or GiveUp, or None.

        After a dropped connection the next mail goes over a new one. Once the server cannot be reached, the
        rest is not tried.

        due: mail to the origin of its message.
        """
        mails = list(due)
        claims = self._claim(mails)
        results: dict[str, Exception | None] = {
            mail: RetryLater("another worker is sending this mail, or died while it did")
            for mail in claims.busy
        }
        marks: dict[str, Future[Exception | None]] = {}
        down: Unreachable | None = None
        for mail, letter in claims.letters.items():
            if isinstance(letter, Skip):
                self._record(mail, _SKIP, "skipped", end_state="SKIPPED")
                log.info("mail skipped", delivery_id=mail, reason=str(letter))
            elif down is not None:
                self._record(mail, _RELEASE_UNTRIED, "retried")
                results[mail] = NotTried(str(down))
            else:
                results[mail] = self._send(mail, letter, due[mail])
                if results[mail] is None:
                    marks[mail] = self._sent_marks.sent(mail)
                down = error if isinstance(error := results[mail], Unreachable) else None
        for mail, mark in marks.items():
            # Without its mark a mail is not done: its message is delivered again.
            results[mail] = mark.result()
            message_metrics.MAILS.labels("sent").inc()
        return [results.get(mail) for mail in mails]

    def _claim(self, mails: Sequence[str]) -> _Claims:
        now = dt.datetime.now(dt.UTC)
        # By the clock of the database: that of another worker may differ.
        wanted = {"mails": mails, "none": 0.0, "lease_seconds": self._sender.lease_seconds}
        with self._database.begin() as connection:
            rows = connection.execute(_CLAIM, wanted).all()
            claimed = [Claimed(*row) for row in rows]
            ours = {each.id for each in claimed}
            others = [mail for mail in mails if mail not in ours]
            busy: set[str] = set()
            if others:
                busy = set(connection.execute(_STILL_QUEUED, {"mails": others}).scalars())
            letters = write_letters(connection, claimed, self._sender.links, now)
        written = {each.id: letter for each, letter in zip(claimed, letters, strict=True)}
        return _Claims({mail: written[mail] for mail in mails if mail in written}, busy)

    def _send(self, mail: str, letter: Outgoing, origin: Origin) -> Exception | None:
        origins = letter.origins or ([origin] if origin != NOWHERE else [])
        kind = letter.claimed.kind
        try:
            with self._observer.sending(kind, mail, origin, origins):
                self._hand_over(mail, letter)
        except (GiveUp, ValueError) as error:
            self._record(mail, _END, "dead", end_state="DEAD")
            return error
        except Exception as error:  # noqa: BLE001 - after any error the mail can be tried again
            self._record(mail, _RELEASE, "retried")
            return error
        request_ids = [each.request_id for each in origins[:_MOST_IDS]]
        log.info("mail sent", delivery_id=mail, kind=kind, request_ids=request_ids)
        return None

    def _hand_over(self, mail: str, letter: Outgoing) -> None:
        domain = self._domain
        data = compose(
            render(letter.letter),
            sender=self._sender.address,
            recipient=letter.recipient,
            message_id=f"<{mail}@{domain}>",
            date=letter.date,
            thread=f"<{letter.event_id}@{domain}>" if letter.event_id else "",
            unsubscribe_url=letter.unsubscribe_url,
        )
        recipient = ascii_address(letter.recipient, "recipient")
        self._mailer.send(self._envelope_sender, recipient, data)

    def _record(self, mail: str, statement: Update, result: str, **values: object) -> None:
        with self._database.begin() as connection:
            connection.execute(statement, {"mail": mail, "now": dt.datetime.now(dt.UTC), **values})
        message_metrics.MAILS.labels(result).inc()
