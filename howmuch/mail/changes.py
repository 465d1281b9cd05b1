"""The words of mails about changes: of one event, and of a day."""

from collections.abc import Callable
from dataclasses import dataclass

from howmuch.mail import event_lines, expense_lines
from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import Headline, by_actor, by_member
from howmuch.mail.letters import ChangesLetter, DigestLetter, EventNews
from howmuch.mail.phrases import Phrase, user_text
from howmuch.mail.translator import Translator, find_translator
from howmuch.mail.wording import SUBJECT_LENGTHS, Wording
from howmuch.usecases.history import Change

Details = Callable[[Wording, Change], list[Phrase]]


def _sentence(message: str) -> Details:
    return lambda wording, change: [wording.translator.say(message)]


def _nothing(wording: Wording, change: Change) -> list[Phrase]:
    return []


_WORDS: dict[str, tuple[Headline, Details]] = {
    "EXPENSE_CREATED": (expense_lines.created_headline, expense_lines.details),
    "EXPENSE_UPDATED": (expense_lines.updated_headline, expense_lines.differences),
    "EXPENSE_DELETED": (expense_lines.deleted_headline, expense_lines.deleted_details),
    "EXPENSE_UNDELETED": (expense_lines.undeleted_headline, expense_lines.deleted_details),
    "EXPENSE_RESTORED": (expense_lines.restored_headline, expense_lines.differences),
    "MEMBER_ADDED": (event_lines.member_added, _nothing),
    "MEMBER_JOINED": (by_member(N_("{member} joined the event")), event_lines.joined_details),
    "MEMBER_LEFT": (by_member(N_("{member} left the event")), _nothing),
    "MEMBER_REMOVED": (event_lines.member_removed, _nothing),
    "MEMBER_UPDATED": (event_lines.member_updated, event_lines.member_differences),
    "EVENT_CREATED": (by_actor(N_("{actor} created the event")), _nothing),
    "EVENT_UPDATED": (event_lines.event_updated, event_lines.event_differences),
    "EVENT_ARCHIVED": (
        by_actor(N_("{actor} archived the event")),
        _sentence(N_("Everything in it can still be read, but nothing can be changed any more.")),
    ),
    "EVENT_UNARCHIVED": (
        by_actor(N_("{actor} reopened the event")),
        _sentence(N_("Expenses can be added and changed again.")),
    ),
    "EVENT_DELETED": (
        by_actor(N_("{actor} deleted the event")),
        _sentence(N_("An owner can bring it back for 30 days.")),
    ),
    "EVENT_UNDELETED": (by_actor(N_("{actor} brought the event back")), _nothing),
    "INVITATION_CREATED": (by_actor(N_("{actor} invited somebody to the event")), _nothing),
    "INVITATION_REVOKED": (by_actor(N_("{actor} withdrew an invitation")), _nothing),
}
# Kinds that this version does not know.
_OTHER: tuple[Headline, Details] = (by_actor(N_("{actor} made another change")), _nothing)


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. time: None where it is the only one."""

    headline: Phrase
    time: Phrase | None
    details: list[Phrase]


@dataclass(frozen=True, slots=True)
class Section:
    """One event. left_out: that there is more; balance_lines: where the reader stands now."""

    name: Phrase
    entries: list[Entry]
    left_out: Phrase | None
    balance_lines: list[Phrase]


@dataclass(frozen=True, slots=True)
class ChangesView:
    """All words of a mail about changes."""

    subject: str
    title: Phrase
    preview: Phrase
    sections: list[Section]
    footer: list[Phrase]
    unsubscribe: Phrase
    unsubscribe_link: str
    is_digest: bool


def view_changes(letter: ChangesLetter) -> tuple[Translator, ChangesView]:
    """The words of a mail about one event."""
    translator = find_translator(letter.reader.locale, letter.reader.time_zone)
    news = letter.news
    section = _section(translator, news)
    reason = N_("You get this mail because you take part in “{event}”.")
    if any(_ends_part(change, news.reader_member_id) for change in news.changes):
        reason = N_("You get this mail because you took part in “{event}”.")
    stop = translator.say(
        "To stop these mails, mute this event or turn mail off in your howmuch settings."
    )
    view = ChangesView(
        subject=_subject(translator, news).text,
        title=section.name,
        preview=section.balance_lines[0],
        sections=[section],
        footer=[translator.say(reason, event=section.name), stop],
        unsubscribe=translator.say("Stop mail about this event"),
        unsubscribe_link=letter.unsubscribe_link,
        is_digest=False,
    )
    return translator, view


def view_digest(letter: DigestLetter) -> tuple[Translator, ChangesView]:
    """The words of a day's digest."""
    translator = find_translator(letter.reader.locale, letter.reader.time_zone)
    sections = [_section(translator, news) for news in letter.news]
    count = sum(news.count for news in letter.news)
    summary = translator.say(
        "{changes} in {events}",
        changes=translator.say_count("{count} change", "{count} changes", count),
        events=translator.say_count("{count} event", "{count} events", len(letter.news)),
    )
    view = ChangesView(
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
    return translator, view


def _ends_part(change: Change, member_id: str) -> bool:
    """Whether with it the member's part in the event ends."""
    return change.kind in ("MEMBER_REMOVED", "MEMBER_LEFT") and change.subject_id == member_id


def _section(translator: Translator, news: EventNews) -> Section:
    wording = Wording(translator, news.names, news.reader_member_id)
    several = news.count > 1
    left_out = None
    if news.left_out:
        left_out = translator.say_count(
            "{count} more change is not listed here.",
            "{count} more changes are not listed here.",
            news.left_out,
        )
    return Section(
        name=user_text(news.event_name, wording.name_length),
        entries=[_entry(wording, change, timed=several) for change in news.changes],
        left_out=left_out,
        balance_lines=_balance_lines(wording, news),
    )


def _entry(wording: Wording, change: Change, *, timed: bool) -> Entry:
    headline, details = _WORDS.get(change.kind, _OTHER)
    time = wording.translator.minute(change.create_time) if timed else None
    return Entry(headline(wording, change), time, details(wording, change))


def _balance_lines(wording: Wording, news: EventNews) -> list[Phrase]:
    """Where the reader stands, a sentence for each currency."""
    translator = wording.translator
    event = user_text(news.event_name, wording.name_length)
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
    event = user_text(news.event_name, lengths[1])
    if news.count == 1 and news.changes:
        wording = Wording(translator, news.names, news.reader_member_id, *lengths)
        [change] = news.changes
        headline, _ = _WORDS.get(change.kind, _OTHER)
        return translator.say("{event}: {news}", event=event, news=headline(wording, change))
    count = translator.say_count("{count} change", "{count} changes", news.count)
    return translator.say("{event}: {news}", event=event, news=count)
