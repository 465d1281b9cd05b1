"""Expenses of every kind and mode, drawn by Hypothesis, and what each member owes by exact arithmetic."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from google.protobuf.json_format import ParseDict
from hypothesis import strategies as st

from howmuch.v1 import expense_pb2

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}
MODES = ("equal", "weights", "percent", "exact", "adjusted", "itemized")
Owed = Mapping[str, Fraction]


def show(minor: int, digits: int) -> str:
    """Minor units as the interface writes amounts."""
    sign, text = "-" * (minor < 0), str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text


def read(text: str) -> int:
    """The inverse of `show`."""
    return int(text.replace(".", ""))


def parts(draw: st.DrawFn, total: int, count: int, *, least: int = 0) -> list[int]:
    """`count` numbers of at least `least` that sum to `total`, which is enough for them."""
    spare = total - least * count
    cuts = sorted(draw(st.integers(0, spare)) for _ in range(count - 1))
    return [end - start + least for start, end in zip([0, *cuts], [*cuts, spare], strict=True)]


@st.composite
def splits(
    draw: st.DrawFn, member_ids: Sequence[str], minor: int, digits: int
) -> tuple[expense_pb2.Split, Owed]:
    """A split of an amount over some members, and what each of them owes of it, not rounded."""
    some = draw(st.lists(st.sampled_from(member_ids), min_size=1, max_size=6, unique=True))
    mode = draw(st.sampled_from(MODES if minor >= 10 else MODES[:4]))
    if mode == "equal":
        equal = expense_pb2.EqualSplit(member_ids=some)
        return expense_pb2.Split(equal=equal), dict.fromkeys(some, Fraction(minor, len(some)))
    if mode == "itemized":
        return _itemized(draw, member_ids, minor, digits)
    if mode == "weights":
        # In halves, of which some are whole; at least one is above zero.
        values = [draw(st.integers(0, 9)) for _ in some]
        values[0] += not any(values)
        shown = [f"{value // 2}.{value % 2 * 5}" for value in values]
        owed = [Fraction(minor * value, sum(values)) for value in values]
    elif mode == "percent":
        values = parts(draw, 1_000_000, len(some), least=1)
        shown = [show(value, 4) for value in values]
        owed = [Fraction(minor * value, 1_000_000) for value in values]
    elif mode == "exact":
        values = parts(draw, minor, len(some))
        shown = [show(value, digits) for value in values]
        owed = [Fraction(value) for value in values]
    else:
        # So small that nobody's part falls below zero, whatever the others have.
        most = max(0, minor // (2 * len(some)) - 1)
        values = [draw(st.integers(-most, most)) for _ in some]
        shown = [show(value, digits) for value in values]
        rest = Fraction(minor - sum(values), len(some))
        owed = [rest + value for value in values]
    name = {"weights": "weight_decimal", "percent": "percent", "exact": "amount"}.get(
        mode, "adjustment"
    )
    listed = [{"member_id": member, name: value} for member, value in zip(some, shown, strict=True)]
    split = ParseDict({mode: {"parts": listed}}, expense_pb2.Split())
    return split, dict(zip(some, owed, strict=True))


def _itemized(
    draw: st.DrawFn, member_ids: Sequence[str], minor: int, digits: int
) -> tuple[expense_pb2.Split, Owed]:
    tax, tip, *lines = parts(draw, minor, 2 + draw(st.integers(1, 3)))
    # A line costs something; what the draw left empty is left out, and one line there must be.
    prices = [line for line in lines if line] or [1]
    tax = minor - tip - sum(prices) if minor - tip >= sum(prices) else tax
    tip = minor - tax - sum(prices)
    items = list[expense_pb2.ItemizedSplit.Item]()
    owed = dict[str, Fraction]()
    for price in prices:
        sharers = draw(st.lists(st.sampled_from(member_ids), min_size=1, max_size=4, unique=True))
        items.append(expense_pb2.ItemizedSplit.Item(amount=show(price, digits), member_ids=sharers))
        for member in sharers:
            # Tax and tip spread in proportion to the lines.
            part = Fraction(price * minor, sum(prices) * len(sharers))
            owed[member] = owed.get(member, Fraction()) + part
    itemized = expense_pb2.ItemizedSplit(items=items, tax=show(tax, digits), tip=show(tip, digits))
    return expense_pb2.Split(itemized=itemized), owed


@st.composite
def drafts(draw: st.DrawFn, member_ids: Sequence[str]) -> tuple[expense_pb2.Expense, Owed]:
    """An expense, an income or a transfer among these members, at least two."""
    code = draw(st.sampled_from(sorted(DIGITS)))
    digits, minor = DIGITS[code], draw(st.integers(1, 10**6))
    kind = draw(st.sampled_from(expense_pb2.ExpenseKind.values()[1:]))
    owed: Owed
    if kind == expense_pb2.EXPENSE_KIND_TRANSFER:
        payer, receiver = draw(
            st.lists(st.sampled_from(member_ids), min_size=2, max_size=2, unique=True)
        )
        equal = expense_pb2.EqualSplit(member_ids=[receiver])
        split, owed = expense_pb2.Split(equal=equal), {receiver: Fraction(minor)}
        paid = [(payer, minor)]
    else:
        payers = st.lists(st.sampled_from(member_ids), min_size=1, max_size=3, unique=True)
        who = draw(payers)[:minor]
        paid = list(zip(who, parts(draw, minor, len(who), least=1), strict=True))
        split, owed = draw(splits(member_ids, minor, digits))
    payments = [
        expense_pb2.Payment(member_id=member, amount=show(part, digits)) for member, part in paid
    ]
    expense = expense_pb2.Expense(
        kind=kind,
        reason=draw(st.sampled_from(("Dinner", "Taxi", "Hotel"))),
        date="2026-11-22",
        currency_code=code,
        amount=show(minor, digits),
        payments=payments,
        split=split,
    )
    return expense, owed
