"""A small campaign without a fault, as evidence, for the tests of the checker."""

from typing import Any

from tests.chaos.evidence import Balances, Change, Evidence, Mail, Notice, Seen, Shares, Watch
from tests.chaos.journal import Call, Outcome

EVENT, ANA, BO, CY = "evt_1", "usr_ana", "usr_bo", "usr_cy"
GONE = "cy#1"


def shares(minor: int, *, deleted: bool = False) -> Shares:
    """Ana's member m1 paid for herself and m2."""
    half = minor // 2
    return Shares("EUR", "EXPENSE", {"m1": minor}, {"m1": half, "m2": minor - half}, deleted)


def call(tick: int, method: str, kind: str, *markers: str, **more: Any) -> Call:
    """An acknowledged call of Ana that took one tick."""
    given: dict[str, Any] = {
        "client": "ana",
        "way": "gRPC",
        "user_id": ANA,
        "session": "ana#1",
        "event_id": EVENT,
        "outcome": Outcome.ACKNOWLEDGED,
        **more,
    }
    ended = tick + 1
    return Call(
        method=method, kind=kind, markers=markers, began=tick, last_began=tick, ended=ended, **given
    )


def change(revision: int, kind: str, subject_id: str, actor_id: str = ANA, **more: Any) -> Change:
    """A row of history."""
    return Change(EVENT, revision, kind, actor_id, subject_id, **more)


CALLS = (
    call(10, "CreateExpense", "EXPENSE_CREATED", "a1", subject_id="x1", version=1),
    call(20, "BatchCreateExpenses", "EXPENSE_CREATED", "a2b0", "a2b1"),
    call(30, "UpdateExpense", "EXPENSE_UPDATED", "a3", subject_id="x1", version=2),
    call(40, "DeleteExpense", "EXPENSE_DELETED", subject_id="x2", version=2),
    call(
        50,
        *("UpdateExpense", "EXPENSE_UPDATED", "a4"),
        subject_id="x1",
        outcome=Outcome.REFUSED,
        code="ABORTED",
        reason="ETAG_STALE",
    ),
    call(60, "CreateExpense", "EXPENSE_CREATED", "a5", outcome=Outcome.UNKNOWN, code="UNAVAILABLE"),
    call(70, "AcceptInvitation", "MEMBER_JOINED", subject_id="m3", user_id=CY, session=GONE),
    call(80, "CreateExpense", "EXPENSE_CREATED", "c1", user_id=CY, session=GONE),
    call(90, "LogOut", "", user_id=CY, session=GONE, ends=GONE, event_id=""),
    call(
        100,
        *("CreateExpense", "EXPENSE_CREATED", "c2"),
        user_id=CY,
        session=GONE,
        outcome=Outcome.REFUSED,
        code="UNAUTHENTICATED",
        reason="SESSION_INVALID",
    ),
    call(110, "RemoveMember", "MEMBER_REMOVED", subject_id="m3", removes=CY),
    call(
        120,
        *("CreateExpense", "EXPENSE_CREATED", "c3"),
        user_id=CY,
        session="cy#2",
        outcome=Outcome.REFUSED,
        code="NOT_FOUND",
        reason="EVENT_NOT_FOUND",
    ),
)
HISTORY = (
    change(1, "EVENT_CREATED", EVENT),
    change(2, "EXPENSE_CREATED", "x1", version=1, marker="a1", shares=shares(100)),
    change(3, "EXPENSE_CREATED", "x2", version=1, marker="a2b0", shares=shares(200)),
    change(4, "EXPENSE_CREATED", "x3", version=1, marker="a2b1", shares=shares(300)),
    change(5, "EXPENSE_UPDATED", "x1", version=2, marker="a3", shares=shares(500)),
    change(6, "EXPENSE_DELETED", "x2", version=2, shares=shares(200, deleted=True)),
    change(7, "MEMBER_JOINED", "m3", CY, user_id=CY),
    change(8, "EXPENSE_CREATED", "x4", CY, version=1, marker="c1", shares=shares(10)),
    change(9, "MEMBER_REMOVED", "m3", user_id=CY),
)
NETS = {("EUR", "m1"): (810, 405, 0), ("EUR", "m2"): (0, 405, 0)}
DEBTS = {("EUR", "m2", "m1"): 405}
MAILS = (
    Mail("dlv_1", BO, ("a1", "a2b0", "a2b1", "a3")),
    Mail("dlv_2", BO, ("c1",), times=2),
    Mail("dlv_3", ANA, ("c1",)),
)


def notices() -> tuple[Notice, ...]:
    """Bo reads of everything, Ana of what Cy did."""
    to_bo = [Notice(EVENT, n, BO, "dlv_1" if n < 7 else "dlv_2", "SENT") for n in range(2, 10)]
    to_ana = [Notice(EVENT, n, ANA, "dlv_3", "SENT") for n in (7, 8)]
    return (*to_bo, *to_ana)


def evidence() -> Evidence:
    """Nothing in it is wrong."""
    seen = [Seen(each.revision, each.kind, each.subject_id) for each in HISTORY]
    return Evidence(
        calls=CALLS,
        history={EVENT: HISTORY},
        revisions={EVENT: 9},
        first={EVENT: 1},
        watches=[Watch("over gRPC", EVENT, 0, seen), Watch("over SSE", EVENT, 4, seen[4:])],
        balances=[Balances("serve", EVENT, NETS, DEBTS)],
        readers={EVENT: (ANA, BO)},
        notices=notices(),
        mails=MAILS,
        repeats_allowed=1,
    )
