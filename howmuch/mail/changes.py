"""The views of mails about changes: of one event, and of a day."""

from dataclasses import dataclass
from typing import NamedTuple

from howmuch.mail.catalogs import N_
from howmuch.mail.change_lines import lines_of
from howmuch.mail.letters import ChangesLetter, DigestLetter, EventNews
from howmuch.mail.phrases import Phrase, name_text
from howmuch.mail.translator import Translator
from howmuch.mail.wording import SUBJECT_LENGTHS, Wording
from howmuch.model import Comment, Expense
from howmuch.usecases.history import Change


class Link(NamedTuple):
    """None in its place means no link."""

    label: Phrase
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. time: None if it is the only one. url: of its expense; empty means no link."""

    headline: Phrase
    time: Phrase | None
    details: list[Phrase]
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """One event. left_out: says that more changes exist; None means that all are listed.

    explain: explains the balances. open: the page of the event. settings: chooses the mails about it.
    """

    name: Phrase
    entries: list[Entry]
    left_out: Phrase | None
    balance_lines: list[Phrase]
    explain: Link | None
    open: Link | None
    settings: Link | None


@dataclass(frozen=True, slots=True)
class ChangesView:
    subject: str
    title: Phrase
    preview: Phrase
    sections: list[Section]
    footer: list[Phrase]
    footer_links: list[Link]
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
        footer_links=_present(
            _link(translator.say("Stop mail about this event"), letter.unsubscribe_link),
            section.settings,
        ),
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
        footer_links=_present(
            _link(translator.say("Stop the digest"), letter.unsubscribe_link),
            _link(translator.say("Your mail settings"), letter.settings_link),
        ),
        is_digest=True,
    )


def _ends_part(change: Change, member_id: str) -> bool:
    return change.kind in ("MEMBER_REMOVED", "MEMBER_LEFT") and change.subject_id == member_id


def _section(translator: Translator, news: EventNews) -> Section:
    wording = Wording(translator, news.names, news.reader_member_id)
    links = news.links
    left_out = None
    if news.left_out:
        left_out = translator.say_count(
            "{count} more change is not listed here.",
            "{count} more changes are not listed here.",
            news.left_out,
        )
    return Section(
        name=name_text(news.event_name, wording.name_length),
        entries=[_entry(wording, news, change) for change in news.changes],
        left_out=left_out,
        balance_lines=_balance_lines(wording, news),
        explain=_link(translator.say("Why?"), links.explain),
        open=_link(
            translator.say("Open {event}", event=name_text(news.event_name, SUBJECT_LENGTHS[1])),
            links.event,
        ),
        settings=_link(translator.say("Choose the mails about this event"), links.settings),
    )


def _entry(wording: Wording, news: EventNews, change: Change) -> Entry:
    lines = lines_of(change)
    time = wording.translator.moment(change.create_time) if news.count > 1 else None
    expense_id = _expense_id(change)
    return Entry(
        headline=lines.headline(wording, change),
        time=time,
        details=lines.details(wording, change),
        url=news.links.expense.replace("{expense_id}", expense_id) if expense_id else "",
    )


def _expense_id(change: Change) -> str:
    """The expense that was changed or commented on. Empty means that the change is about another thing."""
    match change.after or change.before:
        case Expense(id=expense_id) | Comment(expense_id=expense_id):
            return expense_id
        case _:
            return ""


def _link(label: Phrase, url: str) -> Link | None:
    return Link(label, url) if url else None


def _present(*links: Link | None) -> list[Link]:
    return [link for link in links if link]


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
