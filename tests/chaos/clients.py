"""A client: it calls as one user, repeats what was cut off, and writes each call into the journal."""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from tests.chaos.journal import Call, Journal, Outcome
from tests.chaos.ways import UNKNOWN, Answer, Way

SURE_SECONDS = 90.0
"""How long a client repeats a call whose outcome it must know."""
REPEAT_SHARE = 0.7
"""How often a client repeats a call whose outcome is unknown, instead of giving it up."""
MOST_ATTEMPTS = 4
WAIT_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Session:
    """name: for the journal. id: of the server. All empty: none."""

    name: str = ""
    token: str = ""
    id: str = ""


NO_SESSION = Session()


class Client:
    """name: of lower-case letters and digits; the texts that it writes begin with it. One thread uses it."""

    def __init__(
        self, name: str, way: Way, journal: Journal, chance: random.Random, user_id: str
    ) -> None:
        self.name = name
        self.way = way
        self.chance = chance
        self.user_id = user_id
        self._journal = journal
        self._number = 0

    def marker(self) -> str:
        """A text that no other call writes."""
        self._number += 1
        return f"{self.name}n{self._number:05}"

    def ask(
        self,
        method: str,
        request: Message,
        session: Session,
        *,
        markers: Sequence[str] = (),
        subject_id: str = "",
        sure: bool = False,
        ends: str = "",
        **facts: Any,
    ) -> Answer:
        """One call of the campaign. sure: repeat it until the outcome is known. facts: fields of Call.

        ends: the session that it ends. If an attempt at that was cut off, and the next is refused because the
        session has ended, then the first one ended it.
        """
        key = "" if session is NO_SESSION else (markers[0] if markers else self.marker())
        began, attempts, give_up_at = self._journal.tick(), 0, time.monotonic() + SURE_SECONDS
        while True:
            last_began = self._journal.tick()
            answer = self.way.call(method, request, session.token, key)
            attempts += 1
            if answer.code not in UNKNOWN:
                break
            if not sure and (attempts == MOST_ATTEMPTS or self.chance.random() > REPEAT_SHARE):
                break
            if time.monotonic() > give_up_at:
                break
            time.sleep(WAIT_SECONDS)
        if ends and attempts > 1 and answer.code == "UNAUTHENTICATED":
            answer = Answer(message=True)
        self._journal.add(
            Call(
                client=self.name,
                way=self.way.name,
                user_id=self.user_id,
                session=session.name,
                method=method,
                began=began,
                last_began=last_began,
                ended=self._journal.tick(),
                outcome=_outcome(answer),
                key=key,
                markers=tuple(markers),
                subject_id=subject_id or _subject(method, answer.message),
                version=getattr(answer.message, "version", 0),
                revision=getattr(answer.message, "revision", 0),
                code=answer.code,
                reason=answer.reason,
                attempts=attempts,
                ends=ends,
                seconds=round(self._journal.seconds, 3),
                **facts,
            )
        )
        return answer


def _outcome(answer: Answer) -> Outcome:
    if not answer.code:
        return Outcome.ACKNOWLEDGED
    return Outcome.UNKNOWN if answer.code in UNKNOWN else Outcome.REFUSED


def _subject(method: str, message: Any) -> str:
    """The id of the changed resource in an answer. Who joins an event is its new member."""
    name = "member_id" if method == "AcceptInvitation" else "id"
    return str(getattr(message, name, ""))
