"""The visitor: logs in, joins, writes from two clients at once, is logged out or removed, and comes back."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import Any

from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import user_service_pb2 as us
from tests.chaos.clients import NO_SESSION, Client, Session
from tests.chaos.places import PASSWORD, Place, batch, create, draft
from tests.chaos.ways import Answer
from tests.chaos.writers import PAUSE_SECONDS
from tests.service.api import Person
from tests.waiting import until

BEFORE_END = 8
"""How many writes the two clients have sent before the session or the membership ends."""
AFTER_END = 4
"""How many writes each client begins after the end was acknowledged."""
TURN_SECONDS = 120.0
MOST_REFUSALS = 100


@dataclass
class _Turn:
    """One visit, as its clients see it."""

    place: Place
    session: Session
    begun: int = 0
    over: bool = False


class Visitor:
    """clients: of the visitor, one for each way. owners: a client of each event's owner.

    All calls of the driver, which logs in, joins and ends, go on until their outcome is known.
    """

    def __init__(
        self,
        person: Person,
        places: list[Place],
        driver: Client,
        writers: list[Client],
        owners: dict[str, Client],
    ) -> None:
        self._person = person
        self._places = places
        self._driver = driver
        self._writers = writers
        self._owners = owners
        self._sessions = count(1)
        self._member_ids: dict[str, str] = {}
        self._stop = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Visits until told to stop."""
        self._stop = stop
        endings: list[Callable[[_Turn], None]] = [self._log_out, self._revoke, self._remove]
        while not stop.is_set():
            place = self._driver.chance.choice(self._places)
            session = self._log_in()
            if session is None or not self._join(place, session):
                stop.wait(PAUSE_SECONDS)
                continue
            turn = _Turn(place, session)
            with ThreadPoolExecutor(len(self._writers)) as threads:
                writing = [threads.submit(self._write, turn, each) for each in self._writers]
                try:
                    until(
                        lambda: turn.begun >= BEFORE_END or stop.is_set(),  # noqa: B023
                        "the writes of the visitor",
                        seconds=TURN_SECONDS,
                    )
                    self._driver.chance.choice(endings)(turn)
                finally:
                    turn.over = True
                for each in writing:
                    each.result()

    def _log_in(self) -> Session | None:
        request = us.LogInRequest(email=self._person.email, password=PASSWORD)
        answer = self._driver.ask("LogIn", request, NO_SESSION, sure=True)
        if not answer.message:
            return None
        name = f"{self._driver.name}#{next(self._sessions)}"
        return Session(name, answer.message.token, answer.message.session.id)

    def _join(self, place: Place, session: Session) -> bool:
        """By an invitation, if the visitor is not a member."""
        if place.event_id in self._member_ids:
            return True
        owner = self._owners[place.event_id]
        invitation = self._insist(
            lambda: owner.ask(
                "CreateInvitation",
                es.CreateInvitationRequest(event_id=place.event_id),
                place.owner_session,
                event_id=place.event_id,
                kind="INVITATION_CREATED",
                sure=True,
            ),
        )
        if invitation is None:
            return False
        answer = self._insist(
            lambda: self._driver.ask(
                "AcceptInvitation",
                es.AcceptInvitationRequest(token=invitation.token),
                session,
                event_id=place.event_id,
                kind="MEMBER_JOINED",
                sure=True,
            ),
        )
        if answer is None:
            return False
        self._member_ids[place.event_id] = answer.member_id
        return True

    def _insist(self, call: Callable[[], Answer]) -> Any:
        """Repeats a call that is refused while the event is archived. Returns None if it fails otherwise."""
        refused = 0
        while (answer := call()).reason == "EVENT_ARCHIVED" and refused < MOST_REFUSALS:
            refused += 1
            self._stop.wait(PAUSE_SECONDS)
        return answer.message

    def _write(self, turn: _Turn, client: Client) -> None:
        """Adds expenses until the end, and some more after it."""
        after = 0
        while after < AFTER_END and not (self._stop.is_set() and turn.over):
            after += turn.over
            turn.begun += 1
            place, marker = turn.place, client.marker()
            # Paid by the owner, for the writers: the visitor owes nothing, and may be removed.
            payer = place.members[place.owner.user_id]
            facts: dict[str, Any] = {"event_id": place.event_id, "kind": "EXPENSE_CREATED"}
            if client.chance.random() < 0.3:
                markers = [f"{marker}b{index}" for index in range(3)]
                drafts = [draft(place, payer, each, client.chance) for each in markers]
                many = batch(place, drafts)
                client.ask("BatchCreateExpenses", many, turn.session, markers=markers, **facts)
            else:
                one = create(place, draft(place, payer, marker, client.chance))
                client.ask("CreateExpense", one, turn.session, markers=[marker], **facts)
            self._stop.wait(client.chance.uniform(0, PAUSE_SECONDS))

    def _log_out(self, turn: _Turn) -> None:
        name = turn.session.name
        self._driver.ask("LogOut", us.LogOutRequest(), turn.session, sure=True, ends=name)

    def _revoke(self, turn: _Turn) -> None:
        """From another session of the visitor."""
        other = self._log_in()
        if other is None:
            return
        request = us.RevokeSessionRequest(session_id=turn.session.id)
        self._driver.ask("RevokeSession", request, other, sure=True, ends=turn.session.name)

    def _remove(self, turn: _Turn) -> None:
        """By the owner."""
        place = turn.place
        member_id = self._member_ids[place.event_id]
        request = es.RemoveMemberRequest(event_id=place.event_id, member_id=member_id)
        owner = self._owners[place.event_id]
        removed = self._insist(
            lambda: owner.ask(
                "RemoveMember",
                request,
                place.owner_session,
                event_id=place.event_id,
                kind="MEMBER_REMOVED",
                subject_id=member_id,
                sure=True,
                removes=self._person.user_id,
            )
        )
        if removed is not None:
            del self._member_ids[place.event_id]
