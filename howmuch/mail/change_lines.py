"""The one builder of sentences about changes: for mails, for the API, and so for the command line."""

from collections.abc import Callable
from typing import Any, NamedTuple

from howmuch.mail import comment_lines, event_lines, expense_lines
from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import Headline, by_actor, by_member
from howmuch.mail.expense_differences import differences
from howmuch.mail.phrases import Phrase
from howmuch.mail.wording import Difference, Wording
from howmuch.usecases.history import Change

Details = Callable[[Wording, Change], list[Phrase]]
Differences = Callable[[Wording, Change], list[Difference]]


def _nothing(wording: Wording, change: Change) -> list[Any]:
    return []


def _sentence(message: str) -> Details:
    return lambda wording, change: [wording.translator.say(message)]


class Lines(NamedTuple):
    """The words of a kind of change. details: in mails. alone: adds to a headline that stands alone."""

    headline: Headline
    details: Details = _nothing
    differences: Differences = _nothing
    alone: Callable[[Wording, Change, Phrase], Phrase] | None = None


_LINES: dict[str, Lines] = {
    "EXPENSE_CREATED": Lines(
        expense_lines.created_headline, expense_lines.details, alone=expense_lines.with_payers
    ),
    "EXPENSE_UPDATED": Lines(
        expense_lines.updated_headline, expense_lines.updated_details, differences
    ),
    "EXPENSE_DELETED": Lines(
        expense_lines.deleted_headline,
        expense_lines.deleted_details,
        alone=expense_lines.with_payers,
    ),
    "EXPENSE_UNDELETED": Lines(
        expense_lines.undeleted_headline,
        expense_lines.deleted_details,
        alone=expense_lines.with_payers,
    ),
    "EXPENSE_RESTORED": Lines(
        expense_lines.restored_headline, expense_lines.updated_details, differences
    ),
    "COMMENT_ADDED": Lines(
        comment_lines.added_headline, comment_lines.text_of_comment, alone=comment_lines.with_text
    ),
    "COMMENT_DELETED": Lines(comment_lines.deleted_headline),
    "MEMBER_ADDED": Lines(event_lines.member_added),
    "MEMBER_JOINED": Lines(by_member(N_("{member} joined the event")), event_lines.joined_details),
    "MEMBER_LEFT": Lines(by_member(N_("{member} left the event"))),
    "MEMBER_REMOVED": Lines(event_lines.member_removed),
    "MEMBER_UPDATED": Lines(
        event_lines.member_updated, event_lines.member_details, event_lines.member_differences
    ),
    "EVENT_CREATED": Lines(by_actor(N_("{actor} created the event"))),
    "EVENT_UPDATED": Lines(
        event_lines.event_updated, event_lines.event_details, event_lines.event_differences
    ),
    "EVENT_ARCHIVED": Lines(
        by_actor(N_("{actor} archived the event")),
        _sentence(N_("Everything in it can still be read, but nothing can be changed any more.")),
    ),
    "EVENT_UNARCHIVED": Lines(
        by_actor(N_("{actor} reopened the event")),
        _sentence(N_("Expenses can be added and changed again.")),
    ),
    "EVENT_DELETED": Lines(
        by_actor(N_("{actor} deleted the event")),
        _sentence(N_("An owner can bring it back for 30 days.")),
    ),
    "EVENT_UNDELETED": Lines(by_actor(N_("{actor} brought the event back"))),
    "INVITATION_CREATED": Lines(by_actor(N_("{actor} invited somebody to the event"))),
    "INVITATION_REVOKED": Lines(by_actor(N_("{actor} withdrew an invitation"))),
}
# A later version may write other kinds.
_OTHER = Lines(by_actor(N_("{actor} made another change")))


def lines_of(change: Change) -> Lines:
    """The words of a change."""
    return _LINES.get(change.kind, _OTHER)


def sentence(wording: Wording, change: Change) -> Phrase:
    """The change in a sentence that stands alone."""
    lines = lines_of(change)
    said = lines.headline(wording, change)
    return lines.alone(wording, change, said) if lines.alone else said
