"""The views of mails about changes: of one event, and of a day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from howmuch.mail import event_lines, expense_lines
from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import Headline, by_actor, by_member
from howmuch.mail.letters import ChangesLetter, DigestLetter, EventNews
from howmuch.mail.phrases import Phrase, name_text
from howmuch.mail.translator import Translator
from howmuch.mail.wording import SUBJECT_LENGTHS, Wording
from howmuch.usecases.history import Change

Details = Callable[[Wording, Change], list[Phrase]]


def _nothing(wording: Wording, change: Change) -> list[Phrase]:
    return []


def _sentence(message: str) -> Details:
    return lambda wording, change: [wording.translator.say(message)]


class _Lines(NamedTuple):
    headline: Headline
    details: Details = _nothing


_LINES: dict[str, _Lines] = {
    "EXPENSE_CREATED": _Lines(expense_lines.created_headline, expense_lines.details),
    "EXPENSE_UPDATED": _Lines(expense_lines.updated_headline, expense_lines.differences),
    "EXPENSE_DELETED": _Lines(expense_lines.deleted_headline, expense_lines.deleted_details),
    "EXPENSE_UNDELETED": _Lines(expense_lines.undeleted_headline, expense_lines.deleted_details),
    "EXPENSE_RESTORED": _Lines(expense_lines.restored_headline, expense_lines.differences),
    "MEMBER_ADDED": _Lines(event_lines.member_added),
    "MEMBER_JOINED": _Lines(by_member(N_("{member} joined the event")), event_lines.joined_details),
    "MEMBER_LEFT": _Lines(by_member(N_("{member} left the event"))),
    "MEMBER_REMOVED": _Lines(event_lines.member_removed),
    "MEMBER_UPDATED": _Lines(event_lines.member_updated, event_lines.member_differences),
    "EVENT_CREATED": _Lines(by_actor(N_("{actor} created the event"))),
    "EVENT_UPDATED": _Lines(event_lines.event_updated, event_lines.event_differences),
    "EVENT_ARCHIVED": _Lines(
        by_actor(N_("{actor} archived the event")),
        _sentence(N_("Everything in it can still be read, but nothing can be changed any more.")),
    ),
    "EVENT_UNARCHIVED": _Lines(
        by_actor(N_("{actor} reopened the event")),
        _sentence(N_("Expenses can be added and changed again.")),
    ),
    "EVENT_DELETED": _Lines(
        by_actor(N_("{actor} deleted the event")),
        _sentence(N_("An owner can bring it back for 30 days.")),
    ),
    "EVENT_UNDELETED": _Lines(by_actor(N_("{actor} brought the event back"))),
    "INVITATION_CREATED": _Lines(by_actor(N_("{actor} invited somebody to the event"))),
    "INVITATION_REVOKED": _Lines(by_actor(N_("{actor} withdrew an invitation"))),
}
# A later version may write other kinds.
_OTHER = _Lines(by_actor(N_("{actor} made another change")))


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. time: None if it is the only one."""

    headline: Phrase
    time: Phrase | None
    details: list[Phrase]


@dataclass(frozen=True, slots=True)
class Section:
    """One event. left_out: says that more changes exist; None means that all are listed."""

    name: Phrase
    entries: list[Entry]
    left_out: Phrase | None
    balance_lines: list[Phrase]


@dataclass(frozen=True, slots=True)
class ChangesView:
    subject: str
    title: Phrase
    preview: Phrase
    sections: list[Section]
    footer: list[Phrase]
    unsubscribe: Phrase
    unsubscribe_link: str
    is_digest: bool


def view_changes(translator: Translator, letter: ChangesLetter) -> ChangesView:
    news = letter.news
    section = _section(translator, news)
    reason = N_("You get this mail because you take part in “{event}”.")
    if any(_ends_part(change, news.reader_member_id) for change in news.changes):
        reason = N_("You get this mail because you took part in “{event}”.")
    stop = translator.say(
        "To stop these mails, mute this event or turn mail off in your howmuch settings."
    )
    return ChangesView(
        subject=_subject(translator, news).text,
        title=section.name,
        preview=section.balance_lines[0],
        sections=[section],
        footer=[translator.say(reason, event=section.name), stop],
        unsubscribe=translator.say("Stop mail about this event"),
        unsubscribe_link=letter.unsubscribe_link,
        is_digest=False,
    )


def view_digest(translator: Translator, letter: DigestLetter) -> ChangesView:
    sections = [_section(translator, news) for news in letter.news]
    count = sum(news.count for news in letter.news)
    summary = translator.say(
        "{changes} in {events}",
        changes=translator.say_count("{count} change", "{count} changes", count),
        events=translator.say_count("{count} event", "{count} events", len(letter.news)),
    )
    return ChangesView(
        subject=translator.say("Your howmuch digest: {summary}", summary=summary).text,
        title=translator.say("Your digest of {date}", date=translator.long_day(letter.date)),
        preview=summary,
        sections=sections,
        footer=[
            translator.say("You get this mail because you asked for a daily digest."),
            translator.say(
                "To stop it, mute single events or turn mail off in your howmuch settings."
            ),
        ],
        unsubscribe=translator.say("Stop the digest"),
        unsubscribe_link=letter.unsubscribe_link,
        is_digest=True,
    )


def _ends_part(change: Change, member_id: str) -> bool:
    return change.kind in ("MEMBER_REMOVED", "MEMBER_LEFT") and change.subject_id == member_id


def _section(translator: Translator, news: EventNews) -> Section:
    wording = Wording(translator, news.names, news.reader_member_id)
    left_out = None
    if news.left_out:
        left_out = translator.say_count(
            "{count} more change is not listed here.",
            "{count} more changes are not listed here.",
            news.left_out,
        )
    return Section(
        name=name_text(news.event_name, wording.name_length),
        entries=[_entry(wording, change, timed=news.count > 1) for change in news.changes],
        left_out=left_out,
        balance_lines=_balance_lines(wording, news),
    )


def _entry(wording: Wording, change: Change, *, timed: bool) -> Entry:
    headline, details = _LINES.get(change.kind, _OTHER)
    time = wording.translator.minute(change.create_time) if timed else None
    return Entry(headline(wording, change), time, details(wording, change))


def _balance_lines(wording: Wording, news: EventNews) -> list[Phrase]:
    translator = wording.translator
    event = name_text(news.event_name, wording.name_length)
    balance_lines = []
    for balance in news.balances:
        amount = translator.money(abs(balance.net_minor), balance.currency_code)
        if balance.net_minor > 0:
            balance_lines.append(
                translator.say("You are owed {amount} in {event}.", amount=amount, event=event)
            )
        elif balance.net_minor < 0:
            balance_lines.append(
                translator.say("You owe {amount} in {event}.", amount=amount, event=event)
            )
    return balance_lines or [translator.say("You are settled up in {event}.", event=event)]


def _subject(translator: Translator, news: EventNews) -> Phrase:
    lengths = SUBJECT_LENGTHS
    event = name_text(news.event_name, lengths[1])
    if news.count == 1 and news.changes:
        wording = Wording(translator, news.names, news.reader_member_id, *lengths)
        [change] = news.changes
        said = _LINES.get(change.kind, _OTHER).headline(wording, change)
    else:
        said = translator.say_count("{count} change", "{count} changes", news.count)
    return translator.say("{event}: {news}", event=event, news=said)
