"""What mails say about expenses: who, what, how much, before and after, and the reader's part."""

import datetime as dt

import pytest

from howmuch.ledger.shares import Kind
from howmuch.ledger.split import (
    AdjustedSplit,
    EqualSplit,
    ExactSplit,
    Item,
    ItemizedSplit,
    PercentSplit,
    Split,
    WeightsSplit,
)
from howmuch.mail.change_lines import sentence
from howmuch.mail.render import render
from howmuch.mail.translator import find_translator
from howmuch.mail.wording import Wording
from tests.mail.scenes import change, expense, letter, told, visible

TO_ME = EqualSplit(("mbr_me",))


@pytest.mark.parametrize(
    ("currency_code", "minor", "said"),
    [
        ("EUR", 123456, "€1,234.56"),
        ("JPY", 1200, "¥1,200"),
        ("KWD", 12345, "KWD~12.345"),
        ("IQD", 12345, "IQD~12.345"),
        ("CHF", 1, "CHF~0.01"),
        ("EUR", 9_999_999_999_999, "€99,999,999,999.99"),
    ],
)
def test_amount_has_the_digits_of_its_currency(currency_code: str, minor: int, said: str) -> None:
    """ISO 4217 says how many digits, exactly, whatever CLDR thinks that people write."""
    made = expense(amount_minor=minor, currency_code=currency_code, split=TO_ME)
    assert f"Ana added “Dinner”, {said}\n" in told(change("EXPENSE_CREATED", None, made))


@pytest.mark.parametrize(
    ("payer", "receiver", "english", "french"),
    [
        ("mbr_bo", "mbr_ana", "Bo paid Ana €20.00", "Bo a versé 20,00~€ à Ana"),
        ("mbr_bo", "mbr_me", "Bo paid you €20.00", "Bo vous a versé 20,00~€"),
        ("mbr_me", "mbr_bo", "You paid Bo €20.00", "Vous avez versé 20,00~€ à Bo"),
    ],
)
def test_transfer_says_who_paid_whom(payer: str, receiver: str, english: str, french: str) -> None:
    """A transfer is told as one, with the reader as "you", and who recorded it if it was not the payer."""
    made = expense(
        "Tickets", 2000, kind=Kind.TRANSFER, payments=[(payer, 2000)], split=EqualSplit((receiver,))
    )
    text = told(change("EXPENSE_CREATED", None, made))
    assert f"{english}\n  Reason: Tickets\n" in text
    assert "  Recorded by: Ana\n" in text
    assert french in told(change("EXPENSE_CREATED", None, made), locale="fr")
    assert "Recorded" not in told(change("EXPENSE_CREATED", None, made, actor=payer))


def test_deleted_transfer_says_who_had_paid_whom() -> None:
    """A payment that goes is named by its reason and its people."""
    made = expense("Tickets", 2000, kind=Kind.TRANSFER, payments=[("mbr_bo", 2000)], split=TO_ME)
    text = told(change("EXPENSE_DELETED", made, made))
    assert "Ana deleted the payment “Tickets”, €20.00\n  Payment: Bo paid you €20.00\n" in text


def test_income_is_called_one() -> None:
    """Money that came in was received, not paid."""
    text = told(change("EXPENSE_CREATED", None, expense("Deposit", kind=Kind.INCOME)))
    assert "Ana added the income “Deposit”, €48.60" in text
    assert "Received by: Ana" in text
    assert "Your share: €16.20" in text


def test_reader_without_a_share_is_told_so() -> None:
    """That an expense does not concern the reader is worth a line."""
    made = expense(split=EqualSplit(("mbr_bo",)))
    text = told(change("EXPENSE_CREATED", None, made))
    assert "Split: all for Bo\n  Your share: nothing\n" in text


def test_several_payers_are_listed_with_their_amounts() -> None:
    """Who paid how much, with the reader as "you"."""
    made = expense(payments=[("mbr_ana", 4000), ("mbr_me", 860)])
    assert "Paid by: Ana (€40.00), you (€8.60)" in told(change("EXPENSE_CREATED", None, made))


@pytest.mark.parametrize(
    ("split", "said"),
    [
        (EqualSplit(("mbr_ana", "mbr_bo")), "equally between Ana and Bo"),
        (EqualSplit(tuple(f"mbr_{n}" for n in range(1200))), "equally between 1,200 people"),
        (WeightsSplit((("mbr_ana", 2), ("mbr_me", 1))), "by weight – Ana (2), you (1)"),
        (
            PercentSplit((("mbr_ana", 333_333), ("mbr_me", 666_667))),
            "by percentage – Ana (33.3333%), you (66.6667%)",
        ),
        (ExactSplit((("mbr_ana", 4800), ("mbr_me", 60))), "by amount – Ana (€48.00), you (€0.60)"),
        (
            AdjustedSplit((("mbr_ana", -500), ("mbr_me", 0))),
            "equally, with adjustments – Ana (-€5.00), you (€0.00)",
        ),
        (ItemizedSplit((Item("Soup", 4860, ("mbr_ana",)),), 0, 0), "by the bill, 1 item"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_split_is_put_into_words(split: Split, said: str) -> None:
    """Each of the six ways to divide has its words, and its numbers where they are few."""
    assert f"Split: {said}\n" in told(change("EXPENSE_CREATED", None, expense(split=split)))


def test_update_tells_each_field_that_changed_and_no_other() -> None:
    """Old and new of what changed; what stayed is not repeated, but for the reader's share."""
    before = expense(notes="old", category="Food")
    after = expense(date=dt.date(2026, 7, 13), category="Food", notes="new\nlines")
    text = told(change("EXPENSE_UPDATED", before, after))
    lines = [line.strip() for line in text.splitlines() if line.startswith("  ")]
    assert lines == [
        "Date: Jul 14, 2026 → Jul 13, 2026",
        "Notes: “new lines”",
        "Your share: €16.20",
    ]
    assert "Ana changed “Dinner”, €48.60\n" in text


def test_update_tells_what_is_gone() -> None:
    """An emptied field is said to be empty."""
    before = expense(notes="old", category="Food")
    text = told(change("EXPENSE_UPDATED", before, expense()))
    assert "Category: Food → none\n" in text
    assert "Notes: removed\n" in text


def test_update_of_the_currency_shows_both() -> None:
    """The same number in another currency is another amount."""
    text = told(change("EXPENSE_UPDATED", expense(), expense(currency_code="USD")))
    assert "Ana changed “Dinner”: €48.60 → $48.60\n" in text
    assert "Your share: €16.20 → $16.20\n" in text


def test_update_of_a_large_split_that_reads_the_same_says_that_it_changed() -> None:
    """Two splits of which only the number of people is told are still two."""
    before, after = (
        expense(split=EqualSplit(tuple(f"mbr_{n}" for n in range(start, start + 8))))
        for start in (0, 1)
    )
    text = told(change("EXPENSE_UPDATED", before, after))
    assert "Split: equally between 8 people (changed)\n" in text


def test_update_tells_payers_and_the_shares_of_others() -> None:
    """Old and new, of each whose part changed; the reader's own comes last."""
    after = expense(payments=[("mbr_bo", 4860)], split=EqualSplit(("mbr_ana", "mbr_me")))
    text = told(change("EXPENSE_UPDATED", expense(), after))
    assert "  Paid by: Ana → Bo\n" in text
    assert (
        "  Share of Ana: €16.20 → €24.30\n  Share of Bo: €16.20 → nothing\n"
        "  Your share: €16.20 → €24.30\n"
    ) in text


def test_update_of_a_bill_tells_its_lines_and_tip() -> None:
    """Lines that came, went or changed; tax and tip."""
    soup, wine = Item("Soup", 1000, ("mbr_ana",)), Item("Wine", 2000, ("mbr_bo", "mbr_me"))
    cheaper = Item("Wine", 1800, ("mbr_me",))
    before = expense(amount_minor=3300, split=ItemizedSplit((soup, wine), 100, 200))
    after = expense(amount_minor=2100, split=ItemizedSplit((cheaper,), 0, 300))
    text = told(change("EXPENSE_UPDATED", before, after))
    assert "  Item “Soup”: €10.00 for Ana (removed)\n" in text
    assert "  Item “Wine”: €20.00 for Bo and you → €18.00 for you\n" in text
    assert "  Tax: €1.00 → none\n  Tip: €2.00 → €3.00\n" in text


def test_change_of_kind_is_told() -> None:
    """An expense that was meant as a payment."""
    before = expense(split=TO_ME)
    text = told(change("EXPENSE_UPDATED", before, expense(kind=Kind.TRANSFER, split=TO_ME)))
    assert "Kind: expense → payment\n" in text


def test_undeleted_expense_is_told_whole() -> None:
    """What comes back is described as what is new."""
    text = told(change("EXPENSE_UNDELETED", expense(), expense()))
    assert "Ana brought back “Dinner”, €48.60\n  Date: Jul 14, 2026\n" in text


def test_unknown_people_are_somebody() -> None:
    """A member without a name is somebody, with a capital where a sentence begins."""
    content = render(letter(change("EXPENSE_CREATED", None, expense()), names={}))
    assert content.subject == "Lisbon trip: Somebody added “Dinner”, €48.60"
    assert "Paid by: somebody\n" in content.text


@pytest.mark.parametrize(
    ("net", "said"),
    [
        ([], "You are settled up in Lisbon trip."),
        ([("EUR", 0)], "You are settled up in Lisbon trip."),
        ([("EUR", 1240)], "You are owed €12.40 in Lisbon trip."),
        ([("EUR", 0), ("JPY", -5)], "You owe ¥5 in Lisbon trip."),
        (
            [("EUR", 1), ("JPY", -5)],
            "You are owed €0.01 in Lisbon trip.\nYou owe ¥5 in Lisbon trip.",
        ),
    ],
)
def test_standing_is_told_in_each_currency(net: list[tuple[str, int]], said: str) -> None:
    """Where the reader stands after the changes; zero is settled."""
    text = told(change("EXPENSE_CREATED", None, expense()), net=net)
    assert f"\n\n{said}\n\n-- \n" in text


def test_bill_that_becomes_an_equal_split_tells_what_is_gone() -> None:
    """Its lines, tax and tip; the other way round, those that came. A line without a name is not quoted."""
    soup, other = Item("Soup", 1000, ("mbr_ana",)), Item("", 2000, ("mbr_me",))
    bill = expense(amount_minor=3300, split=ItemizedSplit((soup, other), 100, 200))
    plain = expense(amount_minor=3300)
    gone = told(change("EXPENSE_UPDATED", bill, plain))
    assert "Split: by the bill, 2 items → equally between Ana, Bo and you\n" in gone
    assert "  Item “Soup”: €10.00 for Ana (removed)\n" in gone
    assert "  Item without a name: €20.00 for you (removed)\n" in gone
    assert "  Tax: €1.00 → none\n  Tip: €2.00 → none\n" in gone
    came = told(change("EXPENSE_UPDATED", plain, bill))
    assert "  Item “Soup”: €10.00 for Ana (added)\n" in came
    assert "  Tip: none → €2.00\n" in came


@pytest.mark.parametrize(
    ("before", "after", "bo", "mine"),
    [
        (Kind.EXPENSE, Kind.INCOME, *["€24.30 of the expense → €24.30 of the income"] * 2),
        (Kind.INCOME, Kind.EXPENSE, *["€24.30 of the income → €24.30 of the expense"] * 2),
        (Kind.TRANSFER, Kind.EXPENSE, *["nothing → €24.30"] * 2),
        (Kind.EXPENSE, Kind.TRANSFER, *["€24.30 → nothing"] * 2),
    ],
)
def test_change_of_kind_tells_shares(before: Kind, after: Kind, bo: str, mine: str) -> None:
    """The same amount of an income is due, not owed; of a payment nobody has a share."""
    both = EqualSplit(("mbr_bo", "mbr_me"))
    old, new = (
        expense(kind=kind, split=TO_ME if kind is Kind.TRANSFER else both)
        for kind in (before, after)
    )
    text = told(change("EXPENSE_UPDATED", old, new))
    assert f"  Share of Bo: {bo}\n" in text
    assert f"  Your share: {mine}\n" in text


def test_french_needs_no_elision_and_agrees() -> None:
    """Before any name, and with the noun."""
    names = {"mbr_ana": "Ana", "mbr_bo": "Hugo", "mbr_me": "Dan"}
    after = expense(split=EqualSplit(("mbr_bo", "mbr_me")))
    text = told(change("EXPENSE_UPDATED", expense(), after), locale="fr", names=names)
    assert "  Part (Ana)~: 16,20~€ → rien\n" in text
    deposit = expense("Deposit", kind=Kind.INCOME)
    wording = Wording(find_translator("fr", "UTC"), names, "")
    said = visible(sentence(wording, change("EXPENSE_CREATED", None, deposit)).text)
    assert said == "Ana a ajouté la recette «~Deposit~», 48,60~€, reçue par Ana"
    paid = expense("Cash", kind=Kind.TRANSFER, split=EqualSplit(("mbr_bo",)))
    said = visible(sentence(wording, change("EXPENSE_DELETED", paid, paid)).text)
    assert said == "Ana a supprimé le versement «~Cash~», 48,60~€, Ana → Hugo"
