"""Acknowledged once, refused never, unknown at most once; and history has nothing else."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.evidence import Change, Evidence, Rule, Violation
from tests.chaos.journal import Call

ByMarker = Mapping[str, Sequence[Change]]


def check_writes(evidence: Evidence) -> Iterator[Violation]:
    """Holds each call against history, and each change against the calls."""
    found: dict[str, list[Change]] = defaultdict(list)
    for change in evidence.changes():
        if change.marker:
            found[change.marker].append(change)
    for call in evidence.calls:
        if call.markers:
            yield from _check_marked(call, found)
    yield from _check_unclaimed(evidence)
    yield from _check_unmarked(evidence)


def _check_marked(call: Call, found: ByMarker) -> Iterator[Violation]:
    """A call whose changes carry its texts."""
    there = [marker for marker in call.markers if found.get(marker)]
    for marker in call.markers:
        changes = found.get(marker, ())
        if len(changes) > 1:
            revisions = ", ".join(str(change.revision) for change in changes)
            yield Violation(Rule.DOUBLED, f"{marker}, at revisions {revisions}: {call}")
        elif call.acknowledged and not changes:
            yield Violation(Rule.LOST, f"{marker}: {call}")
        elif call.certainly_refused and changes:
            yield Violation(Rule.REFUSED, f"{marker}, at revision {changes[0].revision}: {call}")
        for change in changes:
            if not _agrees(call, change):
                yield Violation(Rule.ANSWER, f"{marker} is {change}: {call}")
    if there and len(there) < len(call.markers):
        count = f"{len(there)} of {len(call.markers)}"
        yield Violation(Rule.HALF, f"{count} changes, such as {there[0]}: {call}")


def _agrees(call: Call, change: Change) -> bool:
    same_subject = change.subject_id == call.subject_id or not call.subject_id
    same_version = change.version == call.version or not call.version
    return (
        change.kind == call.kind
        and change.actor_id == call.user_id
        and change.event_id == call.event_id
        and same_subject
        and same_version
    )


def _check_unclaimed(evidence: Evidence) -> Iterator[Violation]:
    """Each text in history is from a call."""
    known = {marker for call in evidence.calls for marker in call.markers}
    for change in evidence.changes():
        if change.marker and change.marker not in known:
            yield Violation(Rule.UNCLAIMED, f"{change.marker}: {change}")


def _check_unmarked(evidence: Evidence) -> Iterator[Violation]:
    """Calls whose changes carry no text, such as a deletion: they are counted by kind and subject."""
    counted = Counter(
        (change.kind, change.subject_id) for change in evidence.changes() if not change.marker
    )
    versions = Counter(
        (change.kind, change.subject_id, change.version) for change in evidence.changes()
    )
    sure: Counter[tuple[str, str]] = Counter()
    possible: Counter[tuple[str, str]] = Counter()
    for call in evidence.calls:
        if call.kind and not call.markers:
            key = (call.kind, call.subject_id)
            sure[key] += call.acknowledged
            possible[key] += not call.acknowledged and not call.certainly_refused
            if call.acknowledged and call.version and not versions[*key, call.version]:
                yield Violation(Rule.LOST, f"version {call.version} of {call.subject_id}: {call}")
    for kind, subject_id in sorted(counted.keys() | sure.keys()):
        count, least = counted[kind, subject_id], sure[kind, subject_id]
        most = least + possible[kind, subject_id]
        said = f"{kind} of {subject_id}: {count} changes, {least} acknowledged, at most {most}"
        if count < least:
            yield Violation(Rule.LOST, said)
        elif count > most:
            yield Violation(Rule.DOUBLED if most else Rule.UNCLAIMED, said)
