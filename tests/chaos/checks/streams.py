"""Revisions have no gap, and each watcher saw each of them once, in order."""

from collections.abc import Iterator, Sequence

from tests.chaos.evidence import Change, Evidence, Rule, Seen, Violation, Watch


def check_revisions(evidence: Evidence) -> Iterator[Violation]:
    """The changes of an event are numbered from 1 to its revision."""
    for event_id, changes in evidence.history.items():
        found = [change.revision for change in changes]
        last = evidence.revisions[event_id]
        if found != list(range(1, last + 1)):
            wrong = next(
                (n for n, revision in enumerate(found, 1) if n != revision), len(found) + 1
            )
            yield Violation(
                Rule.GAP,
                f"{event_id} is at revision {last}, and has {len(found)} changes; the first that is"
                f" missing, doubled or too many is {wrong}",
            )


def check_watches(evidence: Evidence) -> Iterator[Violation]:
    """Each watcher saw all of history since its beginning, and nothing else."""
    for watch in evidence.watches:
        history = evidence.history[watch.event_id]
        expected = [_as_seen(change) for change in history if change.revision > watch.since]
        if list(watch.seen) != expected:
            yield Violation(Rule.WATCH, f"{watch.name}: {_difference(watch, expected)}")


def _as_seen(change: Change) -> Seen:
    return Seen(change.revision, change.kind, change.subject_id)


def _difference(watch: Watch, expected: Sequence[Seen]) -> str:
    for number, (seen, right) in enumerate(zip(watch.seen, expected, strict=False)):
        if seen != right:
            return f"message {number + 1} is {seen}, not {right}"
    return (
        f"{len(watch.seen)} messages since revision {watch.since}, not {len(expected)};"
        f" the last is {watch.seen[-1] if watch.seen else 'none'}"
    )
