"""No call that began after an acknowledged log-out or removal took effect; the others were let in."""

import math
from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Change, Evidence, Rule, Violation
from tests.chaos.journal import Outcome

EXPECTED_REFUSALS = frozenset({"ETAG_STALE", "EVENT_ARCHIVED", "RESOURCE_EXHAUSTED"})
"""Reasons, or codes, of refusals that the campaign provokes, or that say to come again later."""


def check_access(evidence: Evidence) -> Iterator[Violation]:
    """After an end, nothing is acknowledged and nothing is in history; before it, nothing is refused."""
    effects = {change.marker for change in evidence.changes() if change.marker}
    ended = session_ends(evidence)
    removals = _removals(evidence)
    for call in evidence.calls:
        took_effect = not effects.isdisjoint(call.markers)
        end = ended.get(call.session, math.inf)
        if call.kind and (
            (call.acknowledged and call.last_began > end) or (took_effect and call.began > end)
        ):
            yield Violation(Rule.LOG_OUT, f"{call.session} ended at tick {end}: {call}")
        for removed, back in removals.get((call.user_id, call.event_id), ()):
            inside = removed < call.began and call.ended < back
            if inside and call.kind and (call.acknowledged or took_effect):
                yield Violation(Rule.REMOVAL, f"removed at tick {removed}: {call}")
        if call.code == "INTERNAL":
            yield Violation(Rule.INTERNAL, str(call))
    yield from _check_strangers(evidence)
    yield from _check_refusals(evidence)


def session_ends(evidence: Evidence) -> dict[str, int]:
    """Name of a session to the tick at which its end was acknowledged."""
    return {call.ends: call.ended for call in evidence.calls if call.ends and call.acknowledged}


def reads_after_log_out(evidence: Evidence) -> int:
    """Reads that were answered after their session had ended; docs/degradation.md bounds them."""
    ended = session_ends(evidence)
    return sum(
        call.acknowledged and not call.kind and call.began > ended.get(call.session, math.inf)
        for call in evidence.calls
    )


def _removals(evidence: Evidence) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """User and event to the times, in ticks, in which the user was certainly not a member."""
    joins: dict[tuple[str, str], list[int]] = defaultdict(list)
    for call in evidence.calls:
        if call.method == "AcceptInvitation":
            joins[call.user_id, call.event_id].append(call.began)
    out: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for call in evidence.calls:
        if call.removes and call.acknowledged:
            key = (call.removes, call.event_id)
            back = min((tick for tick in joins[key] if tick > call.ended), default=math.inf)
            out[key].append((call.ended, back))
    return out


def _check_strangers(evidence: Evidence) -> Iterator[Violation]:
    """By revision, however late a call was answered: history has no change of a user who was out."""
    for changes in evidence.history.values():
        away: dict[str, Change] = {}
        for change in changes:
            if change.kind in ("MEMBER_REMOVED", "MEMBER_LEFT") and change.user_id:
                away[change.user_id] = change
            elif change.kind == "MEMBER_JOINED":
                away.pop(change.user_id, None)
            elif change.actor_id in away:
                removed = away[change.actor_id].revision
                yield Violation(
                    Rule.REMOVAL, f"{change} is by a user who was removed at revision {removed}"
                )


def _check_refusals(evidence: Evidence) -> Iterator[Violation]:
    """A call is refused only if its session or membership was ending, or for a reason that was provoked."""
    ending: dict[str, int] = {}
    removing: dict[tuple[str, str], int] = {}
    for call in evidence.calls:
        if call.ends:
            ending[call.ends] = min(call.began, ending.get(call.ends, call.began))
        if call.removes:
            key = (call.removes, call.event_id)
            removing[key] = min(call.began, removing.get(key, call.began))
    for call in evidence.calls:
        expected = EXPECTED_REFUSALS & {call.reason, call.code}
        if call.outcome is not Outcome.REFUSED or expected:
            continue
        start = min(
            ending.get(call.session, math.inf),
            removing.get((call.user_id, call.event_id), math.inf),
        )
        if call.ended < start:
            yield Violation(Rule.NO_REASON, str(call))
