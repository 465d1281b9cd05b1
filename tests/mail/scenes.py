"""Letters for the tests: short ways to say what happened, and how a mail is read."""

import datetime as dt
import email
import email.message
import email.policy
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from howmuch.ledger.shares import Kind, build_shares
from howmuch.ledger.split import EqualSplit, Split
from howmuch.mail.compose import compose
from howmuch.mail.letters import Balance, ChangesLetter, EventLinks, EventNews, Reader
from howmuch.mail.render import Content, render
from howmuch.model import Draft, Event, Expense, Member, Payment, Role
from howmuch.usecases.history import Change, Resource

NOW = dt.datetime(2026, 7, 14, 19, 42, tzinfo=dt.UTC)
NAMES = {"mbr_ana": "Ana", "mbr_bo": "Bo", "mbr_me": "Dan"}
EVERYBODY = EqualSplit(("mbr_ana", "mbr_bo", "mbr_me"))
EVENT = Event("evt_1", "Lisbon trip", "", "EUR", 3, 1, NOW, NOW, None, None)
GUEST = Member("mbr_bo", "evt_1", "Bo", "Bo", None, Role.VIEWER, 1, True, False, NOW)


def expense(
    reason: str = "Dinner",
    amount_minor: int = 4860,
    *,
    kind: Kind = Kind.EXPENSE,
    currency_code: str = "EUR",
    payments: Sequence[tuple[str, int]] = (),
    split: Split = EVERYBODY,
    **fields: Any,
) -> Expense:
    """An expense that Ana paid, unless said otherwise."""
    paid = tuple(Payment(*each) for each in payments or [("mbr_ana", amount_minor)])
    shares = build_shares(
        kind, amount_minor, paid, split, expense_id="exp_1", currency_code=currency_code
    )
    draft = Draft(
        kind=kind,
        reason=reason,
        date=dt.date(2026, 7, 14),
        category="",
        notes="",
        currency_code=currency_code,
        amount_minor=amount_minor,
        payments=paid,
        split=split,
    )
    return Expense(
        id="exp_1",
        event_id="evt_1",
        draft=replace(draft, **fields),
        shares=shares,
        version=1,
        creator_member_id="mbr_ana",
        create_time=NOW,
        update_time=NOW,
        delete_time=None,
    )


def change(
    kind: str, before: Resource | None, after: Resource | None, actor: str = "mbr_ana"
) -> Change:
    """A change that Ana made, unless said otherwise."""
    subject = after or before
    assert subject is not None
    return Change("evt_1", 3, kind, actor, subject.id, before, after, NOW)


def letter(
    *changes: Change,
    locale: str = "en",
    net: Sequence[tuple[str, int]] = (),
    names: dict[str, str] | None = None,
    **more: Any,
) -> ChangesLetter:
    """What Dan is told. net: pairs of currency and minor units."""
    news = EventNews(
        "evt_1",
        more.pop("event_name", "Lisbon trip"),
        changes,
        NAMES if names is None else names,
        "mbr_me",
        [Balance(*each) for each in net],
        more.pop("left_out", 0),
        links=more.pop("links", EventLinks()),
    )
    return ChangesLetter(Reader("Dan", locale, "Europe/Lisbon"), news, **more)


def told(*changes: Change, **options: Any) -> str:
    """The text of the mail about some changes; no-break spaces are shown as `~`."""
    return visible(render(letter(*changes, **options)).text)


def visible(text: str) -> str:
    """The text with its no-break spaces, wide and narrow, as `~`."""
    return text.replace("\u00a0", "~").replace("\u202f", "~")


def composed(content: Content, **options: Any) -> bytes:
    """The bytes of a mail to Dan."""
    given: dict[str, Any] = {
        "sender": "howmuch <noreply@example.com>",
        "recipient": "dan@example.com",
        "message_id": "<dlv_1@example.com>",
        "date": NOW,
    }
    return compose(content, **given | options)


def read(mail: bytes) -> email.message.EmailMessage:
    """The mail as the standard library understands it."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    assert not message.defects
    return message


def part(message: email.message.EmailMessage, subtype: str) -> str:
    """The text or HTML of a mail, with line breaks as in Python."""
    body = message.get_body((subtype,))
    assert body is not None
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def html_text(html: str) -> str:
    """What a person reads of HTML. Fails where it is not well-formed, also by the rules of XML."""
    ElementTree.fromstring(html)
    parser = _Reader()
    parser.feed(html)
    parser.close()
    assert not parser.open
    return visible("".join(parser.texts))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Nothing that runs, loads or sends.
        assert tag not in ("script", "img", "link", "iframe", "form", "object")
        assert all(not name.startswith("on") for name, _ in attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "meta"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)
