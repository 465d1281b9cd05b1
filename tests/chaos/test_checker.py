"""The checker finds each kind of fault: evidence with one fault in it is enough."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import check
from tests.chaos.checks.access import reads_after_log_out
from tests.chaos.checks.notices import repeated_mails
from tests.chaos.evidence import Balances, Change, Evidence, Rule, Watch
from tests.chaos.journal import Call, Outcome
from tests.chaos.sample import (
    BO,
    CALLS,
    CY,
    DEBTS,
    EVENT,
    GONE,
    HISTORY,
    MAILS,
    NETS,
    call,
    change,
    evidence,
    shares,
)


def with_history(*changes: Change) -> Evidence:
    """The sample with another history, which all watchers saw, and whose balances are right."""
    told = evidence()
    return replace(
        told, history={EVENT: changes}, revisions={EVENT: len(changes)}, watches=(), balances=()
    )


def without(revision: int) -> Evidence:
    """Its history without one change, numbered anew."""
    kept = [each for each in HISTORY if each.revision != revision]
    return with_history(*(replace(each, revision=n) for n, each in enumerate(kept, 1)))


def with_more(*more: Change) -> Evidence:
    """Its history with changes at the end."""
    return with_history(*HISTORY, *more)


def with_call(*more: Call) -> Evidence:
    """Its journal with further calls."""
    return replace(evidence(), calls=(*CALLS, *more))


def with_outcome(index: int, **changed: Any) -> Evidence:
    """Its journal with one call changed."""
    calls = list(CALLS)
    calls[index] = replace(calls[index], **changed)
    return replace(evidence(), calls=calls)


def watched(*, drop: int = -1, double: int = -1, swap: int = -1) -> Evidence:
    """A watcher with one message missing, twice, or after its successor."""
    told = evidence()
    seen = list(told.watches[0].seen)
    if swap >= 0:
        seen[swap], seen[swap + 1] = seen[swap + 1], seen[swap]
    if double >= 0:
        seen.insert(double, seen[double])
    if drop >= 0:
        del seen[drop]
    return replace(told, watches=[Watch("over gRPC", EVENT, 0, seen)])


def with_notices(change_all: Callable[[list[Any]], Sequence[Any]]) -> Evidence:
    told = evidence()
    return replace(told, notices=change_all(list(told.notices)))


RING = [("EUR", "m1", "m2"), ("EUR", "m2", "m3"), ("EUR", "m3", "m1")]


def said(**given: Any) -> Evidence:
    balances = {"nets": NETS, "debts": DEBTS, **given}
    return replace(evidence(), balances=[Balances("serve", EVENT, **balances)])


def late_write(outcome: Outcome, session: str, user_id: str) -> Call:
    return call(
        130,
        *("CreateExpense", "EXPENSE_CREATED", "late"),
        session=session,
        user_id=user_id,
        outcome=outcome,
        code="" if outcome is Outcome.ACKNOWLEDGED else "UNAVAILABLE",
    )


LATE = change(10, "EXPENSE_CREATED", "x9", CY, version=1, marker="late", shares=shares(2))
GHOST = change(10, "EXPENSE_CREATED", "x9", version=1, marker="ghost", shares=shares(2))
AGAIN = change(10, "EXPENSE_CREATED", "x9", version=1, marker="a1", shares=shares(2))
FAULTS: dict[str, tuple[Evidence, Rule]] = {
    "acknowledged write is missing": (without(2), Rule.LOST),
    "acknowledged deletion is missing": (without(6), Rule.LOST),
    "acknowledged removal is missing": (without(9), Rule.LOST),
    "deletion of another version": (with_outcome(3, version=3), Rule.LOST),
    "write is there twice": (with_more(AGAIN), Rule.DOUBLED),
    "unknown write is there twice": (
        with_more(*(replace(AGAIN, revision=n, subject_id=f"x{n}", marker="a5") for n in (10, 11))),
        Rule.DOUBLED,
    ),
    "deletion is there twice": (
        with_more(change(10, "EXPENSE_DELETED", "x2", version=3)),
        Rule.DOUBLED,
    ),
    "refused write is there": (
        with_more(replace(AGAIN, kind="EXPENSE_UPDATED", subject_id="x1", marker="a4")),
        Rule.REFUSED,
    ),
    "half of a batch is there": (without(4), Rule.HALF),
    "write of no call": (with_more(GHOST), Rule.UNCLAIMED),
    "deletion of no call": (
        with_more(change(10, "EXPENSE_DELETED", "x3", version=2)),
        Rule.UNCLAIMED,
    ),
    "answer with another version": (with_outcome(0, version=7), Rule.ANSWER),
    "answer with another subject": (with_outcome(0, subject_id="x7"), Rule.ANSWER),
    "write by another user": (with_outcome(0, user_id=BO), Rule.ANSWER),
    "gap": (with_history(*HISTORY[:4], *HISTORY[5:]), Rule.GAP),
    "revision is doubled": (with_history(*HISTORY[:4], HISTORY[3], *HISTORY[4:]), Rule.GAP),
    "history ends early": (replace(evidence(), revisions={EVENT: 10}), Rule.GAP),
    "watcher missed one": (watched(drop=4), Rule.WATCH),
    "watcher missed the last": (watched(drop=8), Rule.WATCH),
    "watcher saw one twice": (watched(double=4), Rule.WATCH),
    "watcher saw two in another order": (watched(swap=4), Rule.WATCH),
    "wrong net": (said(nets={**NETS, ("EUR", "m1"): (810, 404, 0)}), Rule.BALANCE),
    "balance is missing": (said(nets={}), Rule.BALANCE),
    "wrong debt": (said(debts={("EUR", "m2", "m1"): 404}), Rule.DEBT),
    "debt the other way": (said(debts={("EUR", "m1", "m2"): 405}), Rule.DEBT),
    "debts in a circle": (
        said(debts={**DEBTS, **dict.fromkeys(RING, 5)}),
        Rule.DEBT,
    ),
    "difference of howmuch check": (replace(evidence(), differences=["evt_1: ..."]), Rule.LEDGER),
    "acknowledged after log-out": (
        with_call(late_write(Outcome.ACKNOWLEDGED, GONE, CY)),
        Rule.LOG_OUT,
    ),
    "unknown after log-out, and there": (
        replace(
            with_call(late_write(Outcome.UNKNOWN, GONE, CY)), history={EVENT: (*HISTORY, LATE)}
        ),
        Rule.LOG_OUT,
    ),
    "last attempt acknowledged after log-out": (
        with_outcome(7, last_began=95, ended=96),
        Rule.LOG_OUT,
    ),
    "acknowledged after removal": (
        with_call(late_write(Outcome.ACKNOWLEDGED, "cy#2", CY)),
        Rule.REMOVAL,
    ),
    "written after removal, by revision": (
        with_more(replace(LATE, marker="c1", subject_id="x4")),
        Rule.REMOVAL,
    ),
    "refused without an end": (
        with_call(
            call(
                *(130, "CreateExpense", "EXPENSE_CREATED", "a9"),
                outcome=Outcome.REFUSED,
                code="UNAUTHENTICATED",
                reason="SESSION_INVALID",
            )
        ),
        Rule.NO_REASON,
    ),
    "INTERNAL": (with_outcome(5, code="INTERNAL"), Rule.INTERNAL),
    "notice is missing": (with_notices(lambda all_: all_[1:]), Rule.LOST_NOTICE),
    "notice is doubled": (
        with_notices(lambda all_: [*all_, replace(all_[0], mail="dlv_2")]),
        Rule.DOUBLED_NOTICE,
    ),
    "mail is dead": (
        with_notices(lambda all_: [replace(all_[0], state="DEAD"), *all_[1:]]),
        Rule.LOST_NOTICE,
    ),
    "mail is marked as sent, and never came": (
        replace(evidence(), mails=MAILS[1:]),
        Rule.LOST_NOTICE,
    ),
    "two mails tell the same": (
        replace(evidence(), mails=(*MAILS, replace(MAILS[0], id="dlv_4"))),
        Rule.DOUBLED_NOTICE,
    ),
    "mail came too often": (
        replace(evidence(), mails=(replace(MAILS[0], times=2), *MAILS[1:])),
        Rule.REPEATS,
    ),
    "dead letter": (replace(evidence(), dead_letters=["17 fanout"]), Rule.DEAD),
    "no recovery": (replace(evidence(), stuck=["the outbox"]), Rule.STUCK),
}


def test_check_finds_nothing_where_nothing_is_wrong() -> None:
    """Acknowledged, refused, unknown, ended and removed calls, and a mail that came again."""
    assert check(evidence()) == []
    assert check(with_more()) == []


@pytest.mark.parametrize("name", FAULTS)
def test_check_finds(name: str) -> None:
    """The fault is named by its rule."""
    told, rule = FAULTS[name]
    assert rule in {violation.rule for violation in check(told)}


def test_each_rule_has_a_fault() -> None:
    """No rule of the checker is without a case in which it speaks."""
    assert {rule for _, rule in FAULTS.values()} == set(Rule)


def test_unknown_write_may_be_there() -> None:
    """Once is right, and so is not at all."""
    assert check(replace(with_more(replace(AGAIN, marker="a5")), readers={})) == []


def test_access_refusal_after_a_cut_attempt_may_have_taken_effect() -> None:
    """The first attempt wrote and was cut off, the session ended, and the second attempt was refused."""
    told = with_outcome(7, outcome=Outcome.REFUSED, code="UNAUTHENTICATED", began=80, ended=95)
    assert check(told) == []


def test_reads_after_log_out_are_counted_and_no_violation() -> None:
    """docs/degradation.md says for how long."""
    told = with_call(call(130, "GetBalances", "", session=GONE, user_id=CY))
    assert check(told) == []
    assert reads_after_log_out(told) == 1
    assert repeated_mails(told) == 1
