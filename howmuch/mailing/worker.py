"""The mail worker: what is done with each message, and what is done as time passes."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from howmuch.errors import HowmuchError
from howmuch.mailing.accounts import tell_account
from howmuch.mailing.dispatch import AT_ONCE, dispatch
from howmuch.mailing.fanout import Timing, tell_of_changes
from howmuch.mailing.mailers import Mailer
from howmuch.mailing.postman import Postman, Sender
from howmuch.messaging.broker import FANOUT_QUEUE, SEND_QUEUE, Broker, Handler
from howmuch.messaging.messages import Message, parse
from howmuch.messaging.relay import Relay
from howmuch.storage.database import Database
from howmuch.v1.message_pb2 import AccountMailRequested, ChangeRecorded, DeliveryDue

log = structlog.get_logger()

_LONGEST_TICK_SECONDS = 1.0
_SHORTEST_TICK_SECONDS = 0.05


class Worker:
    """Relay, handlers and clock together. Any number of workers may share one database and broker."""

    def __init__(
        self, database: Database, broker: Broker, mailer: Mailer, sender: Sender, timing: Timing
    ) -> None:
        self._database = database
        self._broker = broker
        self._mailer = mailer
        self._timing = timing
        self._postman = Postman(database, mailer, sender)
        self._relay = Relay(database, broker)
        self._stopping = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="mail-clock", daemon=True)

    def start(self) -> None:
        """Returns at once; nothing needs to answer yet."""
        handlers: Mapping[str, Handler] = {
            FANOUT_QUEUE: self._fan_out,
            SEND_QUEUE: self._send,
        }
        self._broker.start(handlers)
        self._relay.start()
        self._clock.start()

    def stop(self, deadline: float) -> None:
        """Ends what is being done in good order; what is left at the deadline is done by the next worker."""
        self._stopping.set()
        self._clock.join(max(0.0, deadline - time.monotonic()))
        self._relay.stop(deadline)
        self._broker.stop(deadline)
        self._mailer.close()

    def _fan_out(self, messages: Sequence[Message]) -> Sequence[None]:
        """All or none, in one transaction."""
        now = datetime.now(UTC)
        revisions: list[tuple[str, int]] = []
        requests: list[tuple[str, AccountMailRequested]] = []
        for message in messages:
            body = parse(message)
            if isinstance(body, ChangeRecorded):
                revisions.append((body.event_id, body.revision))
            elif isinstance(body, AccountMailRequested):
                requests.append((message.routing_key, body))
            else:
                raise ValueError(f"{message.routing_key!r} is no change and no account's mail")
        with self._database.begin() as connection:
            at_once = [
                tell_account(
                    connection,
                    routing_key,
                    user_id=body.user_id,
                    email=body.email,
                    delivery_id=body.delivery_id,
                    now=now,
                )
                for routing_key, body in requests
            ]
            if revisions:
                at_once.append(tell_of_changes(connection, revisions, now, self._timing))
        if any(at_once):
            self._relay.wake()
        return [None] * len(messages)

    def _send(self, messages: Sequence[Message]) -> Sequence[Exception | None]:
        mails = []
        for message in messages:
            body = parse(message)
            if not isinstance(body, DeliveryDue):
                raise ValueError(f"{message.routing_key!r} is no mail to send")
            mails.append(body.delivery_id)
        return self._postman.send(mails)

    def _tick(self) -> None:
        """Hands on mails whose window has passed."""
        wanted = self._timing.window_seconds / 4
        seconds = min(max(wanted, _SHORTEST_TICK_SECONDS), _LONGEST_TICK_SECONDS)
        while not self._stopping.wait(seconds):
            try:
                while self._dispatch() == AT_ONCE:
                    continue
            except HowmuchError as error:
                log.warning("mails wait", reason=error.message)
            except Exception:
                log.exception("mails wait")

    def _dispatch(self) -> int:
        now = datetime.now(UTC)
        with self._database.begin() as connection:
            count = dispatch(connection, now)
        if count:
            self._relay.wake()
        return count
