"""The demo's trip, through the ledger alone, is what docs/demo.md adds up by hand."""

from collections import Counter
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path

import pytest

from howmuch.client.trip import ENTRIES, NAMES, Entry
from howmuch.ledger.balances import balance_deltas, pair_deltas
from howmuch.ledger.circles import cancel_circles
from howmuch.ledger.money import format_amount
from howmuch.ledger.settlement import Transfer, settle
from howmuch.ledger.shares import Kind, Share, build_shares
from howmuch.ledger.split import ItemizedSplit

PAGE = Path(__file__).parents[2] / "docs" / "demo.md"
CURRENCIES = ("EUR", "JPY")

Row = Mapping[str, str]


def table(heading: str) -> list[Row]:
    """The rows of the first table below a heading of the page, by the names of their columns."""
    lines = PAGE.read_text().splitlines()
    at = next(i for i, line in enumerate(lines) if line.lstrip("# ") == heading)
    while not lines[at].startswith("|"):
        at += 1
    rows: list[list[str]] = []
    while lines[at].startswith("|"):
        rows.append([cell.strip(" *") for cell in lines[at].strip("|").split("|")])
        at += 1
    head, _, *body = rows
    return [dict(zip(head, row, strict=True)) for row in body]


def entries(code: str) -> list[tuple[int, Entry]]:
    """The entries in one currency, each with its number on the page."""
    return [(i, e) for i, e in enumerate(ENTRIES, start=1) if e.currency_code == code]


def shares(entry: Entry, expense_id: str = "exp_1") -> tuple[Share, ...]:
    return build_shares(
        entry.kind,
        entry.amount_minor,
        list(entry.paid.items()),
        entry.split,
        expense_id=expense_id,
        currency_code=entry.currency_code,
    )


def nets(code: str) -> dict[str, int]:
    net: Counter[str] = Counter()
    for _, entry in entries(code):
        for name, delta in balance_deltas(entry.kind, shares(entry)).items():
            net[name] += delta.net_minor
    return dict(net)


def test_trip_has_every_mode_and_kind() -> None:
    """Six people, two currencies, all six split modes, all three kinds, about forty expenses."""
    assert len(NAMES) == 6
    assert len(ENTRIES) == 40
    assert len({type(entry.split) for entry in ENTRIES}) == 6
    assert {entry.kind for entry in ENTRIES} == set(Kind)
    assert {entry.currency_code for entry in ENTRIES} == set(CURRENCIES)


def test_no_cent_of_the_trip_is_drawn() -> None:
    """Shares and debts are the same whatever the ids, so every run prints the same amounts."""
    for entry in ENTRIES:
        assert len({shares(entry, f"exp_{i}") for i in range(20)}) == 1, entry.reason
        for payer in entry.paid.values():
            for share in shares(entry):
                assert payer * share.owed_minor % entry.amount_minor == 0, entry.reason


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_lists_every_expense(code: str) -> None:
    """Each line of the page has the amount and the shares that the ledger computes."""
    *rows, sums = table(f"Expenses in {code}")
    expected = [(i, e) for i, e in entries(code) if e.kind is not Kind.TRANSFER]
    assert [int(row["#"]) for row in rows] == [number for number, _ in expected]
    totals: Counter[str] = Counter()
    for row, (_, entry) in zip(rows, expected, strict=True):
        sign = -1 if entry.kind is Kind.INCOME else 1
        assert row["For"] == entry.reason + (" (INCOME)" if sign < 0 else "")
        assert row["Paid by"] == " and ".join(entry.paid) + (
            ", half each" if len(entry.paid) > 1 else ""
        )
        cells = {"Amount": sign * entry.amount_minor}
        cells |= {s.member_id: sign * s.owed_minor for s in shares(entry) if s.owed_minor}
        for column in ("Amount", *NAMES):
            shown = format_amount(cells[column], code) if column in cells else ""
            assert row[column] == shown, (entry.reason, column)
        totals.update(cells)
    for column in ("Amount", *NAMES):
        assert sums[column] == format_amount(totals[column], code)


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_lists_every_transfer(code: str) -> None:
    """The transfers stand in a table of their own."""
    expected = [(i, e) for i, e in entries(code) if e.kind is Kind.TRANSFER]
    rows = table(f"Transfers in {code}")
    for row, (number, entry) in zip(rows, expected, strict=True):
        (giver,) = entry.paid
        (receiver,) = (s.member_id for s in shares(entry) if s.owed_minor)
        amount = format_amount(entry.amount_minor, code)
        assert list(row.values()) == [str(number), entry.date[5:], giver, receiver, amount]


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_has_the_balances(code: str) -> None:
    """Paid, share, payments and net of each member are what the ledger says."""
    expected = {name: [0, 0, 0, 0] for name in NAMES}
    for _, entry in entries(code):
        for name, d in balance_deltas(entry.kind, shares(entry)).items():
            one = expected[name]
            for i, minor in enumerate(
                (d.paid_minor, d.owed_minor, d.transferred_minor, d.net_minor)
            ):
                one[i] += minor
    assert [list(row.values()) for row in table(f"Balances in {code}")] == [
        [name, *(format_amount(minor, code) for minor in expected[name])] for name in NAMES
    ]


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_has_the_settlement_whatever_the_ids(code: str) -> None:
    """There is one smallest plan, so the order of the members' ids does not matter."""
    expected = [tuple(row.values()) for row in table(f"Settlement in {code}")]
    net = nets(code)
    for order in permutations("123456"):
        name_of = {digit + name: name for digit, name in zip(order, NAMES, strict=True)}
        plan = settle({member: net[name] for member, name in name_of.items()})
        assert plan.proven_minimal
        assert sorted(expected) == sorted(
            (
                name_of[t.from_member_id],
                name_of[t.to_member_id],
                format_amount(t.amount_minor, code),
            )
            for t in plan.transfers
        )


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_has_the_debts(code: str) -> None:
    """The debts as they arose, netted per pair, and without those in a circle."""
    pairs: Counter[tuple[str, str]] = Counter()
    for _, entry in entries(code):
        for pair, minor in pair_deltas(entry.kind, shares(entry), expense_id="exp_1").items():
            pairs[pair] += minor
    debts = {(a, b, m) if m > 0 else (b, a, -m) for (a, b), m in pairs.items() if m}
    assert {tuple(row.values()) for row in table(f"Debts in {code} as they arose")} == {
        (debtor, creditor, format_amount(minor, code)) for debtor, creditor, minor in debts
    }
    left = cancel_circles(Transfer(*debt) for debt in debts).debts
    assert {tuple(row.values()) for row in table(f"Debts in {code} without circles")} == {
        (debtor, creditor, format_amount(minor, code)) for debtor, creditor, minor in left
    }


@pytest.mark.parametrize("code", CURRENCIES)
def test_page_has_the_categories(code: str) -> None:
    """What each category cost; transfers cost nothing, incomes lower the cost."""
    totals: Counter[str] = Counter()
    for _, entry in entries(code):
        if entry.kind is not Kind.TRANSFER:
            totals[entry.category] += entry.amount_minor * (-1 if entry.kind is Kind.INCOME else 1)
    rows = [tuple(row.values()) for row in table(f"Cost by category in {code}")]
    assert rows == [(name, format_amount(totals[name], code)) for name in sorted(totals)]
    assert f"Together {format_amount(sum(totals.values()), code)}," in PAGE.read_text()


def test_page_shows_both_itemized_bills() -> None:
    """The two bills that are split by their lines are on the page in full."""
    text = PAGE.read_text()
    bills = [entry.split for entry in ENTRIES if isinstance(entry.split, ItemizedSplit)]
    assert len(bills) == 2
    for entry in ENTRIES:
        if isinstance(entry.split, ItemizedSplit):
            assert f"| {entry.reason}, {entry.currency_code} |" in text
            for item in entry.split.items:
                assert (
                    f"| {item.name} | {format_amount(item.amount_minor, entry.currency_code)} |"
                    in text
                )
