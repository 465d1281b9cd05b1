"""One notice for each change and reader, in one mail; a mail that comes again has the same Message-ID."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Change, Evidence, Notice, Rule, Violation

TOLD = frozenset(
    {
        "EVENT_UPDATED",
        "EVENT_ARCHIVED",
        "EVENT_UNARCHIVED",
        "MEMBER_JOINED",
        "MEMBER_UPDATED",
        "MEMBER_REMOVED",
        "EXPENSE_CREATED",
        "EXPENSE_UPDATED",
        "EXPENSE_DELETED",
        "EXPENSE_UNDELETED",
    }
)
"""Kinds of changes of the campaign that docs/mail.md promises a mail about."""


def check_notices(evidence: Evidence) -> Iterator[Violation]:
    """Every reader who was a member all the time is told of every change of the others, once."""
    noticed: dict[tuple[str, int, str], list[Notice]] = defaultdict(list)
    for notice in evidence.notices:
        noticed[notice.event_id, notice.revision, notice.user_id].append(notice)
    came = {mail.id: mail for mail in evidence.mails}
    for change in evidence.changes():
        if change.kind not in TOLD:
            continue
        for reader in evidence.readers.get(change.event_id, ()):
            if reader != change.actor_id:
                found = noticed[change.event_id, change.revision, reader]
                yield from _check_one(change, reader, found, set(came))
    yield from _check_contents(evidence)
    yield from _check_repeats(evidence)
    for letter in evidence.dead_letters:
        yield Violation(Rule.DEAD, letter)


def _check_one(
    change: Change, reader: str, found: list[Notice], came: set[str]
) -> Iterator[Violation]:
    if not found:
        yield Violation(Rule.LOST_NOTICE, f"{change} to {reader}: it has no notice")
    elif len(found) > 1:
        yield Violation(Rule.DOUBLED_NOTICE, f"{change} to {reader}: {len(found)} notices")
    for notice in found:
        if notice.state != "SENT" or notice.mail not in came:
            yield Violation(
                Rule.LOST_NOTICE,
                f"{change} to {reader}: its mail {notice.mail} is {notice.state}, and"
                f" {'came' if notice.mail in came else 'did not come'}",
            )


def _check_contents(evidence: Evidence) -> Iterator[Violation]:
    """The text of an expense that was only added is in one mail to each reader, whatever the tables say.

    The mails about a change of an expense name the text that it had before, so those do not count.
    """
    touched = Counter(change.subject_id for change in evidence.changes())
    once = {
        change.marker
        for change in evidence.changes()
        if change.kind == "EXPENSE_CREATED" and touched[change.subject_id] == 1
    }
    told = Counter(
        (marker, mail.user_id) for mail in evidence.mails for marker in once & set(mail.markers)
    )
    for (marker, reader), count in sorted(told.items()):
        if count > 1:
            yield Violation(Rule.DOUBLED_NOTICE, f"{marker} to {reader}: in {count} mails")


def repeated_mails(evidence: Evidence) -> int:
    """How many mails came again, with the same Message-ID."""
    return sum(mail.times - 1 for mail in evidence.mails)


def _check_repeats(evidence: Evidence) -> Iterator[Violation]:
    repeated = repeated_mails(evidence)
    if repeated > evidence.repeats_allowed:
        yield Violation(
            Rule.REPEATS,
            f"{repeated} mails came again; the faults explain {evidence.repeats_allowed}",
        )
