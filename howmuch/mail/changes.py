"""The words of mails about changes: of one event, and of a day."""

from collections.abc import Callable
from dataclasses import dataclass

from howmuch.history import Change
from howmuch.mail import event_lines, expense_lines
from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import Headline, by_actor, by_member
from howmuch.mail.letters import ChangesLetter, DigestLetter, EventNews
from howmuch.mail.narrator import SUBJECT_LENGTHS, Narrator
from howmuch.mail.phrases import Phrase, user_text
from howmuch.mail.voice import Voice, find_voice

Details = Callable[[Narrator, Change], list[Phrase]]


def _sentence(message: str) -> Details:
    return lambda narrator, change: [narrator.voice.say(message)]


def _nothing(narrator: Narrator, change: Change) -> list[Phrase]:
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
    """One event. left_out: that there is more; standing: where the reader stands now."""

    name: Phrase
    entries: list[Entry]
    left_out: Phrase | None
    standing: list[Phrase]


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


def view_changes(letter: ChangesLetter) -> tuple[Voice, ChangesView]:
    """The words of a mail about one event."""
    voice = find_voice(letter.reader.locale, letter.reader.time_zone)
    news = letter.news
    section = _section(voice, news)
    reason = N_("You get this mail because you take part in “{event}”.")
    if any(_ends_part(change, news.reader_member_id) for change in news.changes):
        reason = N_("You get this mail because you took part in “{event}”.")
    stop = voice.say(
        "To stop these mails, mute this event or turn mail off in your howmuch settings."
    )
    view = ChangesView(
        subject=_subject(voice, news).text,
        title=section.name,
        preview=section.standing[0],
        sections=[section],
        footer=[voice.say(reason, event=section.name), stop],
        unsubscribe=voice.say("Stop mail about this event"),
        unsubscribe_link=letter.unsubscribe_link,
        is_digest=False,
    )
    return voice, view


def view_digest(letter: DigestLetter) -> tuple[Voice, ChangesView]:
    """The words of a day's digest."""
    voice = find_voice(letter.reader.locale, letter.reader.time_zone)
    sections = [_section(voice, news) for news in letter.news]
    count = sum(news.count for news in letter.news)
    summary = voice.say(
        "{changes} in {events}",
        changes=voice.say_count("{count} change", "{count} changes", count),
        events=voice.say_count("{count} event", "{count} events", len(letter.news)),
    )
    view = ChangesView(
        subject=voice.say("Your howmuch digest: {summary}", summary=summary).text,
        title=voice.say("Your digest of {date}", date=voice.long_day(letter.date)),
        preview=summary,
        sections=sections,
        footer=[
            voice.say("You get this mail because you asked for a daily digest."),
            voice.say("To stop it, mute single events or turn mail off in your howmuch settings."),
        ],
        unsubscribe=voice.say("Stop the digest"),
        unsubscribe_link=letter.unsubscribe_link,
        is_digest=True,
    )
    return voice, view


def _ends_part(change: Change, member_id: str) -> bool:
    """Whether with it the member's part in the event ends."""
    return change.kind in ("MEMBER_REMOVED", "MEMBER_LEFT") and change.subject_id == member_id


def _section(voice: Voice, news: EventNews) -> Section:
    narrator = Narrator(voice, news.names, news.reader_member_id)
    several = news.count > 1
    left_out = None
    if news.left_out:
        left_out = voice.say_count(
            "{count} more change is not listed here.",
            "{count} more changes are not listed here.",
            news.left_out,
        )
    return Section(
        name=user_text(news.event_name, narrator.name_length),
        entries=[_entry(narrator, change, timed=several) for change in news.changes],
        left_out=left_out,
        standing=_standing(narrator, news),
    )


def _entry(narrator: Narrator, change: Change, *, timed: bool) -> Entry:
    headline, details = _WORDS.get(change.kind, _OTHER)
    time = narrator.voice.minute(change.create_time) if timed else None
    return Entry(headline(narrator, change), time, details(narrator, change))


def _standing(narrator: Narrator, news: EventNews) -> list[Phrase]:
    """Where the reader stands, a sentence for each currency."""
    voice = narrator.voice
    event = user_text(news.event_name, narrator.name_length)
    standing = []
    for balance in news.balances:
        amount = voice.money(abs(balance.net_minor), balance.currency_code)
        if balance.net_minor > 0:
            standing.append(
                voice.say("You are owed {amount} in {event}.", amount=amount, event=event)
            )
        elif balance.net_minor < 0:
            standing.append(voice.say("You owe {amount} in {event}.", amount=amount, event=event))
    return standing or [voice.say("You are settled up in {event}.", event=event)]


def _subject(voice: Voice, news: EventNews) -> Phrase:
    lengths = SUBJECT_LENGTHS
    event = user_text(news.event_name, lengths[1])
    if news.count == 1 and news.changes:
        narrator = Narrator(voice, news.names, news.reader_member_id, *lengths)
        [change] = news.changes
        headline, _ = _WORDS.get(change.kind, _OTHER)
        return voice.say("{event}: {news}", event=event, news=headline(narrator, change))
    count = voice.say_count("{count} change", "{count} changes", news.count)
    return voice.say("{event}: {news}", event=event, news=count)
