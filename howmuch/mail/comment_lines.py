"""Headlines and details about comments on expenses."""

from howmuch.mail.phrases import Phrase
from howmuch.mail.wording import Wording
from howmuch.model import Comment
from howmuch.usecases.history import Change

SHOWN = 200
"""Characters of a comment in a sentence."""


def added_headline(wording: Wording, change: Change) -> Phrase:
    return wording.translator.say(
        "{actor} commented on “{reason}”",
        actor=wording.subject(change.actor_member_id),
        reason=wording.text(_comment_of(change).expense_reason),
    )


def deleted_headline(wording: Wording, change: Change) -> Phrase:
    return wording.translator.say(
        "{actor} deleted a comment on “{reason}”",
        actor=wording.subject(change.actor_member_id),
        reason=wording.text(_comment_of(change).expense_reason),
    )


def text_of_comment(wording: Wording, change: Change) -> list[Phrase]:
    return [wording.quoted_lines(_comment_of(change).text)]


def with_text(wording: Wording, change: Change, said: Phrase) -> Phrase:
    """The sentence `said` with the beginning of the comment, on one line."""
    text = " ".join(_comment_of(change).text.split())
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN].rstrip()}…"
    return wording.translator.say("{news}: {text}", news=said, text=wording.text(shown))


def _comment_of(change: Change) -> Comment:
    comment = change.after if change.after is not None else change.before
    assert isinstance(comment, Comment)
    return comment
