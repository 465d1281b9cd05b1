"""Sample letters for previews and tests: one function from a locale for each kind."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from howmuch.ledger.shares import Kind, build_shares
from howmuch.ledger.split import EqualSplit, Split, WeightsSplit
from howmuch.mail.letters import (
    Balance,
    ChangesLetter,
    DeletionRequestedLetter,
    DigestLetter,
    EmailChangedLetter,
    EmailChangeLetter,
    EmailReturnedLetter,
    EmailTakenBackLetter,
    EventLinks,
    EventNews,
    InvitationLetter,
    Letter,
    PasswordChangedLetter,
    Reader,
    ResetLetter,
    VerifyLetter,
)
from howmuch.model import Comment, Draft, Event, Expense, Member, Payment, Role
from howmuch.usecases.history import Change, Resource

_EVENT_ID = "evt_01m82xvzrxef69kx02yh9gxa07"
_ANA, _BO, _CHLOE, _DAN = (f"mbr_01m82xvzrxef69kx02yh9gxa0{n}" for n in range(1, 5))
_NAMES = {_ANA: "Ana", _BO: "Bo", _CHLOE: "Chloé", _DAN: "Dan"}
_NOW = dt.datetime(2026, 7, 14, 19, 42, tzinfo=dt.UTC)
_SITE = "https://howmuch.example.com"
_LINK = f"{_SITE}/{{}}?token=vK3b9Qm2xT7cY1nR8sW4pL6hD0jF5gZaEuIoBtNqMxk"
_STOP = _LINK.format("unsubscribe")
_COMMAND = (
    "howmuch join vK3b9Qm2xT7cY1nR8sW4pL6hD0jF5gZaEuIoBtNqMxk --server howmuch.example.com:50051"
)

_EVENT = Event(
    _EVENT_ID, "Lisbon trip", "", "EUR", 12, 1, _NOW - dt.timedelta(days=9), _NOW, None, None
)


def _expense(
    kind: Kind,
    reason: str,
    amount_minor: int,
    payer: str,
    split: Split,
    category: str = "",
    *,
    date: dt.date = dt.date(2026, 7, 14),
    notes: str = "",
) -> Expense:
    expense_id = "exp_01m82xvzrxef69kx02yh9gxa0a"
    payments = [(payer, amount_minor)]
    shares = build_shares(
        kind, amount_minor, payments, split, expense_id=expense_id, currency_code="EUR"
    )
    return Expense(
        id=expense_id,
        event_id=_EVENT_ID,
        draft=Draft(
            kind=kind,
            reason=reason,
            date=date,
            category=category,
            notes=notes,
            currency_code="EUR",
            amount_minor=amount_minor,
            payments=(Payment(payer, amount_minor),),
            split=split,
        ),
        shares=shares,
        version=1,
        creator_member_id=payer,
        create_time=_NOW,
        update_time=_NOW,
        delete_time=None,
    )


_ALL_FOUR = EqualSplit((_ANA, _BO, _CHLOE, _DAN))
_DINNER = _expense(Kind.EXPENSE, "Dinner", 4860, _ANA, _ALL_FOUR, "Food")
_LATER_DINNER = _expense(
    Kind.EXPENSE,
    "Dinner and wine",
    6200,
    _BO,
    WeightsSplit(((_ANA, 2), (_BO, 1), (_DAN, 1))),
    "Restaurants",
    date=dt.date(2026, 7, 13),
    notes="Bo had the receipt after all.",
)
_TRAM = _expense(Kind.EXPENSE, "Tram tickets", 1240, _CHLOE, _ALL_FOUR)
_REFUND = _expense(Kind.INCOME, "Deposit of the flat", 20000, _BO, _ALL_FOUR)
_PAYMENT = _expense(Kind.TRANSFER, "For the tickets", 2000, _BO, EqualSplit((_DAN,)))


def _member(member_id: str, role: Role) -> Member:
    name = _NAMES[member_id]
    return Member(member_id, _EVENT_ID, name, None, "usr_x", role, 1, True, False, _NOW)


def _change(
    kind: str, actor: str, before: Resource | None, after: Resource | None, minutes: int = 0
) -> Change:
    subject = after or before
    assert subject is not None
    time = _NOW + dt.timedelta(minutes=minutes)
    return Change(_EVENT_ID, 12, kind, actor, subject.id, before, after, time)


_COMMENT = Comment(
    id="cmt_01m82xvzrxef69kx02yh9gxa0b",
    event_id=_EVENT_ID,
    expense_id=_DINNER.id,
    expense_reason=_DINNER.draft.reason,
    author_member_id=_BO,
    text="Was that with the tip?",
    create_time=_NOW,
    delete_time=None,
)
_EXPENSE_CREATED = _change("EXPENSE_CREATED", _ANA, None, _DINNER)
_EXPENSE_UPDATED = _change("EXPENSE_UPDATED", _BO, _DINNER, _LATER_DINNER, 4)
_JOINED = _change("MEMBER_JOINED", _CHLOE, None, _member(_CHLOE, Role.EDITOR), 7)
_PAID = _change("EXPENSE_CREATED", _BO, None, _PAYMENT, 11)
_SEVERAL = (
    _EXPENSE_CREATED,
    _EXPENSE_UPDATED,
    _JOINED,
    _PAID,
    _change("EXPENSE_CREATED", _BO, None, _REFUND, 15),
)


def _reader(locale: str) -> Reader:
    return Reader("Dan", locale, "Europe/Lisbon")


def _links(event_id: str, *, balances: bool) -> EventLinks:
    page = f"{_SITE}/events/{event_id}"
    return EventLinks(
        event=page,
        settings=f"{page}/settings",
        expense=page + "/expenses/{expense_id}",
        explain=f"{page}/balances/{_DAN}" if balances else "",
    )


def _news(
    *changes: Change, net_minor: int = 0, left_out: int = 0, is_deleted: bool = False
) -> EventNews:
    return EventNews(
        event_id=_EVENT_ID,
        event_name="Lisbon trip",
        changes=changes,
        names=_NAMES,
        reader_member_id=_DAN,
        balances=[Balance("EUR", net_minor)] if net_minor else [],
        left_out=left_out,
        is_deleted=is_deleted,
        links=EventLinks() if is_deleted else _links(_EVENT_ID, balances=net_minor != 0),
    )


def _one(change: Change, net_minor: int = 0, **options: bool) -> Callable[[str], Letter]:
    news = _news(change, net_minor=net_minor, **options)
    return lambda locale: ChangesLetter(_reader(locale), news, _STOP)


def _several(locale: str) -> Letter:
    return ChangesLetter(_reader(locale), _news(*_SEVERAL, net_minor=1240, left_out=3), _STOP)


def _digest(locale: str) -> Letter:
    flat_id = "evt_01m82xvzrxef69kx02yh9gxa08"
    flat = EventNews(
        flat_id,
        "Flat in Rue Oberkampf",
        [_change("EXPENSE_CREATED", _CHLOE, None, _TRAM, 31)],
        _NAMES,
        _DAN,
        [Balance("EUR", -1550), Balance("CHF", 4000)],
        links=_links(flat_id, balances=True),
    )
    news = [_news(*_SEVERAL, net_minor=1240), flat]
    date = dt.date(2026, 7, 14)
    return DigestLetter(_reader(locale), news, date, _STOP, f"{_SITE}/settings")


def _invitation(locale: str) -> Letter:
    reader, expire_time = Reader("", locale, "Europe/Lisbon"), _NOW + dt.timedelta(days=7)
    link = _LINK.format("join")
    return InvitationLetter(
        reader, "Ana", "Lisbon trip", Role.EDITOR, expire_time, link, _STOP, _COMMAND
    )


SAMPLES: Mapping[str, Callable[[str], Letter]] = MappingProxyType(
    {
        "expense-created": _one(_EXPENSE_CREATED, -1215),
        "expense-changed": _one(_EXPENSE_UPDATED, -1550),
        "expense-deleted": _one(_change("EXPENSE_DELETED", _ANA, _DINNER, _DINNER)),
        "expense-restored": _one(
            _change("EXPENSE_RESTORED", _ANA, _LATER_DINNER, _DINNER), net_minor=-1215
        ),
        "comment-added": _one(_change("COMMENT_ADDED", _BO, None, _COMMENT), -1215),
        "member-joined": _one(_JOINED, 1240),
        "member-left": _one(_change("MEMBER_LEFT", _CHLOE, _member(_CHLOE, Role.EDITOR), None)),
        "role-changed": _one(
            _change("MEMBER_UPDATED", _ANA, _member(_DAN, Role.VIEWER), _member(_DAN, Role.EDITOR))
        ),
        "event-renamed": _one(
            _change("EVENT_UPDATED", _ANA, replace(_EVENT, name="Trip"), _EVENT), net_minor=1240
        ),
        "event-archived": _one(
            _change("EVENT_ARCHIVED", _ANA, _EVENT, replace(_EVENT, archive_time=_NOW))
        ),
        "event-deleted": _one(
            _change("EVENT_DELETED", _ANA, _EVENT, replace(_EVENT, delete_time=_NOW)),
            is_deleted=True,
        ),
        "several-changes": _several,
        "invitation": _invitation,
        "verify": lambda locale: VerifyLetter(
            _reader(locale), _LINK.format("verify"), _NOW + dt.timedelta(days=1)
        ),
        "reset": lambda locale: ResetLetter(
            _reader(locale), _LINK.format("reset"), _NOW + dt.timedelta(hours=1)
        ),
        "password-changed": lambda locale: PasswordChangedLetter(_reader(locale), _NOW),
        "deletion-requested": lambda locale: DeletionRequestedLetter(
            _reader(locale), _NOW, _NOW + dt.timedelta(days=7), f"{_SITE}/login"
        ),
        "email-change": lambda locale: EmailChangeLetter(
            Reader("", locale, "Europe/Lisbon"),
            _LINK.format("confirm"),
            _NOW + dt.timedelta(days=1),
        ),
        "email-changed": lambda locale: EmailChangedLetter(
            _reader(locale), _NOW, _LINK.format("undo"), _NOW + dt.timedelta(days=7)
        ),
        "email-returned": lambda locale: EmailReturnedLetter(
            _reader(locale), _NOW, _LINK.format("reset"), _NOW + dt.timedelta(hours=1)
        ),
        "email-taken-back": lambda locale: EmailTakenBackLetter(
            _reader(locale), _NOW, f"{_SITE}/login"
        ),
        "digest": _digest,
    }
)
"""Kind of mail to the function that makes its letter in a locale."""
