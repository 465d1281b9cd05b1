"""The views of mails about changes: of one event, and of a day."""

from dataclasses import dataclass

from howmuch.mail.catalogs import N_
from howmuch.mail.change_lines import lines_of
from howmuch.mail.letters import ChangesLetter, DigestLetter, EventNews
from howmuch.mail.phrases import Phrase, name_text
from howmuch.mail.translator import Translator
from howmuch.mail.wording import SUBJECT_LENGTHS, Wording
from howmuch.usecases.history import Change


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. time: None if it is the only one."""

    headline: Phrase
    time: Phrase | None
    details: list[Phrase]


@dataclass(frozen=True, slots=True)
class Section:
    """One event. left_out: says that more changes exist; None means that all are listed.

    explain: the label of explain_link, which is empty if there is no balance to explain.
    """

    name: Phrase
    entries: list[Entry]
    left_out: Phrase | None
    balance_lines: list[Phrase]
    explain: Phrase
    explain_link: str


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
        explain=translator.say("Why?"),
        explain_link=news.explain_link,
    )


def _entry(wording: Wording, change: Change, *, timed: bool) -> Entry:
    lines = lines_of(change)
    time = wording.translator.moment(change.create_time) if timed else None
    return Entry(lines.headline(wording, change), time, lines.details(wording, change))


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
        said = lines_of(change).headline(wording, change)
    else:
        said = translator.say_count("{count} change", "{count} changes", news.count)
    return translator.say("{event}: {news}", event=event, news=said)
