"""The mail worker: handles messages, and queues mails whose window has passed."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from howmuch.errors import HowmuchError
from howmuch.mail.delivery.account_mails import tell_account
from howmuch.mail.delivery.concerned import ChangeKey
from howmuch.mail.delivery.dispatch import AT_ONCE, dispatch
from howmuch.mail.delivery.fanout import Timing, tell_of_changes
from howmuch.mail.delivery.mail_limits import MailLimits
from howmuch.mail.delivery.mailers import Mailer
from howmuch.mail.delivery.sender import MailSender, Sender
from howmuch.messaging.broker import FANOUT_QUEUE, SEND_QUEUE, Broker, Handler
from howmuch.messaging.messages import Message, parse
from howmuch.messaging.observer import UNOBSERVED, MailObserver
from howmuch.messaging.relay import Relay
from howmuch.storage.database import Database
from howmuch.telemetry.origin import Origin
from howmuch.v1.message_pb2 import AccountMailRequested, ChangeRecorded, DeliveryDue

log = structlog.get_logger()

_LONGEST_TICK_SECONDS = 1.0
_SHORTEST_TICK_SECONDS = 0.05


class Worker:
    """Relay, handlers and clock. Any number of workers may share one database and broker."""

    def __init__(
        self,
        database: Database,
        broker: Broker,
        mailer: Mailer,
        sender: Sender,
        timing: Timing,
        observer: MailObserver = UNOBSERVED,
        limits: MailLimits | None = None,
    ) -> None:
        self._database = database
        self._broker = broker
        self._mailer = mailer
        self._timing = timing
        self._limits = limits or MailLimits()
        self._observer = observer
        self._mail_sender = MailSender(database, mailer, sender, observer)
        self._relay = Relay(database, broker)
        self._stopping = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="mail-clock", daemon=True)

    def start(self) -> None:
        """Returns at once; database, broker and mail server may come later."""
        handlers: Mapping[str, Handler] = {
            FANOUT_QUEUE: self._observer.handling(FANOUT_QUEUE, self._fan_out),
            SEND_QUEUE: self._observer.handling(SEND_QUEUE, self._send),
        }
        self._broker.start(handlers)
        self._relay.start()
        self._clock.start()

    def stop(self, deadline: float) -> None:
        """Finishes the work in progress by the deadline; the next worker does the rest."""
        self._stopping.set()
        self._clock.join(max(0.0, deadline - time.monotonic()))
        self._relay.stop(deadline)
        self._broker.stop(deadline)
        self._mailer.close()

    def set_timing(self, timing: Timing) -> None:
        """Applies to new mails; waiting mails keep their time."""
        self._timing = timing

    def _fan_out(self, messages: Sequence[Message]) -> Sequence[None]:
        """Handles all messages in one transaction."""
        now = datetime.now(UTC)
        changes: dict[ChangeKey, Origin] = {}
        requests: list[tuple[Message, AccountMailRequested]] = []
        for message in messages:
            body = parse(message)
            if isinstance(body, ChangeRecorded):
                changes[ChangeKey(body.event_id, body.revision)] = message.origin
            elif isinstance(body, AccountMailRequested):
                requests.append((message, body))
            else:
                raise ValueError(f"{message.routing_key!r} is neither a change nor an account mail")
        with self._database.begin() as connection:
            at_once = [
                tell_account(
                    connection,
                    message.routing_key,
                    user_id=body.user_id,
                    email=body.email,
                    delivery_id=body.delivery_id,
                    now=now,
                    limits=self._limits,
                    origin=message.origin,
                )
                for message, body in requests
            ]
            if changes:
                at_once.append(
                    tell_of_changes(connection, changes, now, self._timing, self._limits)
                )
        if any(at_once):
            self._relay.wake()
        log.info(
            "messages handled",
            routing_keys=sorted({message.routing_key for message in messages}),
            count=len(messages),
            request_ids=sorted({message.origin.request_id for message in messages}),
        )
        return [None] * len(messages)

    def _send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        mails: list[str] = []
        for message in messages:
            body = parse(message)
            if not isinstance(body, DeliveryDue):
                raise ValueError(f"{message.routing_key!r} is not a mail to send")
            mails.append(body.delivery_id)
        due = dict(zip(mails, (message.origin for message in messages), strict=True))
        results = dict(zip(due, self._mail_sender.send(due), strict=True))
        return [results[mail] for mail in mails]

    def _tick(self) -> None:
        """Queues mails whose window has passed."""
        while not self._stopping.wait(self._tick_seconds()):
            try:
                self._mailer.tidy()
                while self._dispatch() == AT_ONCE:
                    continue
            except HowmuchError as error:
                log.warning("mails wait", reason=error.message)
            except Exception:
                log.exception("mails wait")

    def _tick_seconds(self) -> float:
        wanted = self._timing.window_seconds / 4
        return min(max(wanted, _SHORTEST_TICK_SECONDS), _LONGEST_TICK_SECONDS)

    def _dispatch(self) -> int:
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            count = dispatch(connection, now)
        if count:
            self._relay.wake()
        return count
