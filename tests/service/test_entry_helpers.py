"""What helps to write an expense, and to show a member: copies, suggestions, lists, colours."""

import datetime as dt
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from howmuch.ledger.currencies import CURRENCIES
from howmuch.mail.catalogs import SOURCE_LANGUAGE, translations
from howmuch.usecases.appearance import PALETTE, graphemes_of, initials
from howmuch.usecases.categories import COMMON_CATEGORIES, identity_of
from howmuch.usecases.folding import fold
from howmuch.v1 import event_pb2, expense_pb2, user_pb2
from howmuch.v1 import event_service_pb2 as es
from howmuch.v1 import expense_service_pb2 as xs
from howmuch.v1 import user_service_pb2 as us
from tests.service.api import Person, failure

INCOME, TRANSFER = expense_pb2.EXPENSE_KIND_INCOME, expense_pb2.EXPENSE_KIND_TRANSFER


def duplicate(
    person: Person, of: expense_pb2.Expense, date: str = "", **options: Any
) -> expense_pb2.Expense:
    request = xs.DuplicateExpenseRequest(event_id=of.event_id, expense_id=of.id, date=date)
    return person.expenses.DuplicateExpense(request, **options)


def test_duplicate_is_a_new_expense_of_today(ana: Person) -> None:
    """All that people write is the same; today is that of the event's time zone."""
    event = ana.event()
    guest = ana.guest(event.id, "Cy").id
    split = {
        "weights": {
            "parts": [
                {"member_id": guest, "weight": 2},
                {"member_id": event.member_id, "weight": 1},
            ]
        }
    }
    made = ana.spend(event.id, event.member_id, "10.00", split=split, category="food", notes="n")
    zone = "Pacific/Kiritimati"
    event.time_zone = zone
    ana.events.UpdateEvent(es.UpdateEventRequest(event=event))
    days = [str(dt.datetime.now(ZoneInfo(zone)).date())]
    copy = duplicate(ana, made)
    days.append(str(dt.datetime.now(ZoneInfo(zone)).date()))
    assert copy.date in days
    assert copy.id != made.id
    assert (copy.version, copy.payments, copy.split) == (1, made.payments, made.split)
    assert (copy.reason, copy.category, copy.notes) == (made.reason, "food", "n")
    assert (
        ana.nets(event.id)["EUR", guest] == "-13.34" or ana.nets(event.id)["EUR", guest] == "-13.33"
    )
    assert duplicate(ana, made, "2026-01-02").date == "2026-01-02"


def test_duplicate_is_made_once_for_a_key(ana: Person) -> None:
    event = ana.event()
    made = ana.spend(event.id, event.member_id, "10.00", event.member_id)
    key = (("idempotency-key", "once"),)
    assert duplicate(ana, made, metadata=key) == duplicate(ana, made, metadata=key)
    assert ana.revision(event.id) == 3


def test_duplicate_of_a_former_member_is_refused(ana: Person) -> None:
    """As a new expense with them is; that of a deleted expense is made."""
    event = ana.event()
    cy = ana.guest(event.id, "Cy").id
    made = ana.spend(event.id, cy, "10.00", cy)
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event.id, expense_id=made.id))
    assert duplicate(ana, made).reason == made.reason
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=cy))
    assert failure(lambda: duplicate(ana, made)).reason == "MEMBER_INACTIVE"


def test_recently_used_has_the_last_first(ana: Person) -> None:
    """Spellings are one, as last written; former members and splits with amounts are left out."""
    event = ana.event()
    mine, cy, di = event.member_id, *(ana.guest(event.id, name).id for name in ("Cy", "Di"))
    ana.spend(event.id, mine, "1.00", mine, cy, reason="Café", category="food")
    ana.spend(event.id, cy, "1.00", mine, cy, reason="Taxi", category="Taxi", currency_code="USD")
    ana.spend(event.id, mine, "1.00", cy, reason="cafe", category="Repas")
    ana.spend(event.id, di, "1.00", cy, kind=TRANSFER, reason="Paid back")
    exact = {"exact": {"parts": [{"member_id": mine, "amount": "1.00"}]}}
    ana.spend(event.id, mine, "1.00", split=exact, reason="Tea", kind=INCOME)
    gone = ana.spend(event.id, mine, "1.00", mine, reason="Gone")
    ana.expenses.DeleteExpense(xs.DeleteExpenseRequest(event_id=event.id, expense_id=gone.id))
    ana.spend(event.id, cy, "1.00", di, kind=TRANSFER, reason="And forth")
    ana.events.RemoveMember(es.RemoveMemberRequest(event_id=event.id, member_id=di))
    used = ana.expenses.ListRecentlyUsed(xs.ListRecentlyUsedRequest(event_id=event.id))
    assert [(r.reason, r.category, r.count) for r in used.reasons] == [
        ("Tea", "", 1),
        ("cafe", "Repas", 2),
        ("Taxi", "Taxi", 1),
    ]
    assert [(c.category, c.key, c.count) for c in used.categories] == [
        ("Repas", "food", 2),
        ("Taxi", "taxi", 1),
    ]
    assert [(p.member_id, p.count) for p in used.payers] == [(cy, 2), (mine, 3)]
    assert [(p.member_id, p.count) for p in used.payees] == [(cy, 1)]
    shared = [list(s.split.equal.member_ids) for s in used.splits]
    assert shared == [[cy], sorted((mine, cy))] or shared == [[cy], [mine, cy]]
    assert list(used.currency_codes) == ["EUR", "USD"]


def test_recently_used_looks_at_a_bounded_number(ana: Person) -> None:
    """Of 230 expenses the last 200, and twenty of each kind."""
    event = ana.event()
    payments = [expense_pb2.Payment(member_id=event.member_id)]
    expenses = [
        expense_pb2.Expense(
            reason=f"Reason {number % 115}", date="2026-11-22", amount="1.00", payments=payments
        )
        for number in range(230)
    ]
    ana.expenses.BatchCreateExpenses(
        xs.BatchCreateExpensesRequest(event_id=event.id, expenses=expenses)
    )
    used = ana.expenses.ListRecentlyUsed(xs.ListRecentlyUsedRequest(event_id=event.id))
    assert [r.reason for r in used.reasons] == [f"Reason {number}" for number in range(114, 94, -1)]
    assert used.payers[0].count == 200


def test_categories_that_differ_in_spelling_are_one_total(ana: Person) -> None:
    """The total has the most frequent spelling; names of a common category are one in all languages."""
    event = ana.event()
    for category in ("Food", "food", "food", "Repas", "café crème", "Cafe  Creme", ""):
        ana.spend(event.id, event.member_id, "1.00", event.member_id, category=category)
    [totals] = ana.events.GetTotals(es.GetTotalsRequest(event_id=event.id)).currencies
    found = [(c.category, c.total, c.key) for c in totals.by_category]
    assert found == [("", "1.00", ""), ("Cafe  Creme", "2.00", ""), ("food", "4.00", "food")]


def test_common_categories_have_a_name_in_each_language_of_mails() -> None:
    """And no two share a name or key."""
    languages = {SOURCE_LANGUAGE, "fr"}
    assert type(translations("fr")) is not type(translations("xx"))
    identities: dict[str, str] = {}
    for category in COMMON_CATEGORIES:
        assert set(category.names) == languages
        for name in (category.key, *category.names.values()):
            assert identity_of(name) == category.key
            assert identities.setdefault(fold(name), category.key) == category.key


@pytest.mark.parametrize(
    ("locale", "food", "euro"),
    [("", "Repas", "euro"), ("en", "Food", "Euro"), ("de-AT", "Food", "Euro")],
)
def test_lists_are_in_the_language_of_the_caller(
    ana: Person, locale: str, food: str, euro: str
) -> None:
    """Or in the one that the request names; a language without translations has English categories."""
    ana.users.UpdateMe(us.UpdateMeRequest(user=user_pb2.User(locale="fr")))
    categories = ana.expenses.ListCategories(xs.ListCategoriesRequest(locale=locale)).categories
    assert {c.key: (c.name, c.icon) for c in categories}["food"] == (food, "restaurant")
    currencies = ana.expenses.ListCurrencies(xs.ListCurrenciesRequest(locale=locale)).currencies
    assert [c.code for c in currencies] == sorted(CURRENCIES)
    found = {c.code: c for c in currencies}
    assert (found["EUR"].name, found["EUR"].symbol, found["EUR"].digits) == (euro, "€", 2)
    assert {code: c.digits for code, c in found.items()} == dict(CURRENCIES)
    assert not [c.code for c in currencies if c.name == c.code]


def colour(person: Person, event_id: str, member_id: str, **fields: Any) -> str:
    member = event_pb2.Member(event_id=event_id, id=member_id, **fields)
    request = es.UpdateMemberRequest(member=member)
    request.update_mask.paths.extend(fields)
    return person.events.UpdateMember(request).colour


def test_member_has_a_colour(ana: Person, bo: Person) -> None:
    """Of the palette by default, the same each time; a member sets their own, and an empty one resets it."""
    event = ana.event()
    mine, guest = bo.join(ana, event.id).member_id, ana.guest(event.id, "Cy")
    assert guest.colour in PALETTE
    assert colour(bo, event.id, mine, colour="#ABCDEF") == "#abcdef"
    assert colour(bo, event.id, guest.id, colour="#000000") == "#000000"
    revision = ana.revision(event.id)
    assert colour(bo, event.id, guest.id, colour="#000000") == "#000000"
    assert ana.revision(event.id) == revision
    assert colour(bo, event.id, guest.id, colour="") == guest.colour
    assert colour(bo, event.id, guest.id, colour=guest.colour) == guest.colour
    failed = failure(lambda: colour(ana, event.id, mine, colour="#111111"))
    assert (failed.code, failed.reason) == ("PERMISSION_DENIED", "COLOUR_OF_OTHERS")
    history = ana.events.ListChanges(es.ListChangesRequest(event_id=event.id)).changes
    assert "#abcdef" in [change.after.member.colour for change in history]


def test_palette_is_readable_under_white() -> None:
    """4.5 to 1 is the contrast of WCAG 2, level AA."""
    assert len(set(PALETTE)) == 16
    for each in PALETTE:
        parts = [int(each[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5, each


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ana", "A"),
        ("ana lopez", "AL"),
        ("Ana María de la Cruz", "AC"),
        ("e\u0301mile zola", "ÉZ"),
        ("q\u0323\u0307x", "Q\u0323\u0307"),
        ("(Bo) “Cy”", "BC"),
        ("👩‍👩‍👧 Family", "👩‍👩‍👧F"),
        ("👍🏽", "👍🏽"),
        ("🇫🇷🇩🇪 trip", "🇫🇷T"),
        ("李小龙", "李"),
        ("한글", "한"),
        ("ß", "ß"),
        ("नमस्ते दोस्त", "नदो"),
        ("...", "."),
        ("7 Dwarfs", "7D"),
    ],
)
def test_initials_are_characters_as_people_see_them(name: str, expected: str) -> None:
    assert initials(name) == unicodedata.normalize("NFC", expected)
    assert "".join(graphemes_of(name)) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Food", "FOOD"),
        ("Crème", "CREME"),
        ("Straße", "strasse"),
        ("ﬁsh", "FISH"),
        ("İ", "i"),
        ("é", "e\u0301"),
    ],
)
def test_texts_fold_to_one(text: str, other: str) -> None:
    assert fold(text) == fold(other) == fold(fold(text))
