"""What the checker reads: the journal of the clients, and everything that the program left behind."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.chaos.journal import Call


class Rule(StrEnum):
    """What a violation breaks."""

    LOST = "lost write"
    DOUBLED = "doubled write"
    REFUSED = "refused write took effect"
    HALF = "half a batch"
    UNCLAIMED = "change without a call"
    ANSWER = "answer differs from history"
    GAP = "revision gap"
    WATCH = "watch differs from history"
    BALANCE = "wrong balance"
    DEBT = "wrong debt"
    LEDGER = "howmuch check"
    LOG_OUT = "write after log-out"
    REMOVAL = "write after removal"
    NO_REASON = "refusal without cause"
    INTERNAL = "INTERNAL"
    LOST_NOTICE = "lost notice"
    DOUBLED_NOTICE = "doubled notice"
    REPEATS = "too many repeated mails"
    DEAD = "dead letter"
    STUCK = "does not recover"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the call, change, stream or mail in which it shows."""

    rule: Rule
    text: str

    def __str__(self) -> str:
        return f"{self.rule.value}: {self.text}"


@dataclass(frozen=True, slots=True)
class Shares:
    """An expense as history has it, in minor units by member. kind: EXPENSE or TRANSFER."""

    currency_code: str
    kind: str
    paid: Mapping[str, int]
    owed: Mapping[str, int]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A row of history. marker: the text that the call gave. user_id: of a changed member."""

    event_id: str
    revision: int
    kind: str
    actor_id: str
    subject_id: str
    version: int = 0
    marker: str = ""
    user_id: str = ""
    shares: Shares | None = None

    def __str__(self) -> str:
        return f"{self.event_id} revision {self.revision} ({self.kind} of {self.subject_id})"


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as a stream delivered it."""

    revision: int
    kind: str
    subject_id: str


@dataclass(frozen=True, slots=True)
class Watch:
    """All that one watcher saw over all its streams. since: the revision after which it began."""

    name: str
    event_id: str
    since: int
    seen: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class Balances:
    """What one server answers after the campaign, in minor units.

    nets: currency and member to paid, owed, transferred. debts: currency, debtor, creditor to the amount.
    """

    source: str
    event_id: str
    nets: Mapping[tuple[str, str], tuple[int, int, int]]
    debts: Mapping[tuple[str, str, str], int]


@dataclass(frozen=True, slots=True)
class Notice:
    """A row of notices, with the mail that tells it and the state of that mail."""

    event_id: str
    revision: int
    user_id: str
    mail: str
    state: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the mail server took. id: its Message-ID. times: how often it came."""

    id: str
    user_id: str
    markers: Collection[str]
    times: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """All of it.

    history: event to its changes, by revision. revisions: event to its revision. first: event to the last
    revision before the campaign. readers: event to the users who were members, and wanted mails, all the
    time. differences: lines of `howmuch check`. repeats_allowed: how often a mail may have come again. stuck:
    what did not recover in time.
    """

    calls: Sequence[Call] = ()
    history: Mapping[str, Sequence[Change]] = field(default_factory=dict)
    revisions: Mapping[str, int] = field(default_factory=dict)
    first: Mapping[str, int] = field(default_factory=dict)
    watches: Sequence[Watch] = ()
    balances: Sequence[Balances] = ()
    differences: Sequence[str] = ()
    readers: Mapping[str, Collection[str]] = field(default_factory=dict)
    notices: Sequence[Notice] = ()
    mails: Sequence[Mail] = ()
    repeats_allowed: int = 0
    dead_letters: Sequence[str] = ()
    stuck: Sequence[str] = ()

    def changes(self) -> list[Change]:
        """All changes that the campaign made."""
        return [
            change
            for event_id, changes in self.history.items()
            for change in changes
            if change.revision > self.first.get(event_id, 0)
        ]
