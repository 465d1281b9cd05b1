"""Writes web/test/vectors/splits.json: random splits with the shares that the ledger computes.

Vitest compares the web app's arithmetic with it. `--check` only says whether the file is current.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from howmuch.ledger.currencies import CURRENCIES, minor_digits
from howmuch.ledger.money import MAX_MINOR, WHOLE_PERCENT, format_amount, format_percent
from howmuch.ledger.shares import Kind, build_shares
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
from howmuch.weights import SCALE, format_weight, of_thousandths, weights_of, weights_split

VECTORS = Path(__file__).parents[1] / "web" / "test" / "vectors" / "splits.json"
COUNT = 10_000
SEED = 17
MOST_MEMBERS = 7

Draw = Callable[[random.Random, int, list[str]], Split]


def main(arguments: Sequence[str]) -> int:
    """Writes the file, or compares it; the exit code."""
    expected = text()
    if "--check" not in arguments:
        VECTORS.write_text(expected, encoding="utf-8")
        return 0
    if VECTORS.read_text(encoding="utf-8") == expected:
        return 0
    print(f"{VECTORS.name} is not what the ledger computes; run: python tools/split_vectors.py")
    return 1


def text() -> str:
    """The whole file: one vector a line, so that a diff shows which ones changed."""
    lines = [json.dumps(vector, separators=(",", ":"), ensure_ascii=False) for vector in vectors()]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def vectors() -> Iterator[list[object]]:
    """Expense id, digits of its currency, amount, payments, mode, split, owed amounts by member.

    Amounts are as in the API.
    """
    chance = random.Random(SEED)  # noqa: S311 (no secret)
    currencies = sorted(CURRENCIES)
    modes = list(DRAWS.items())
    for number in range(COUNT):
        # Every number of digits often, although most currencies have two.
        digits = (0, 2, 2, 3, 4)[number % 5]
        currency = chance.choice([code for code in currencies if CURRENCIES[code] == digits])
        mode, draw = modes[number % len(modes)]
        amount = draw_amount(chance)
        members = draw_members(chance)
        split = draw(chance, amount, members)
        yield vector(chance, f"exp_{number}", currency, amount, mode, split)


def vector(
    chance: random.Random, expense_id: str, currency: str, amount: int, mode: str, split: Split
) -> list[object]:
    """The split of one expense, with the shares that the ledger computes."""
    payers = draw_members(chance)[: chance.choice((1, 1, 2, 3))][:amount]
    payments = list(zip(payers, divide(chance, amount, len(payers), least=1), strict=True))
    shares = build_shares(
        Kind.EXPENSE, amount, payments, split, expense_id=expense_id, currency_code=currency
    )

    def shown(minor: int) -> str:
        return format_amount(minor, currency)

    return [
        expense_id,
        minor_digits(currency),
        shown(amount),
        {member: shown(minor) for member, minor in payments},
        mode,
        written(split, shown),
        {share.member_id: shown(share.owed_minor) for share in shares},
    ]


def written(split: Split, shown: Callable[[int], str]) -> object:
    """The split as a JSON value: member to number, a list of members, or the lines of a bill."""
    match split:
        case EqualSplit(member_ids):
            return list(member_ids)
        case WeightsSplit():
            return {member: format_weight(weight) for member, weight in weights_of(split)}
        case PercentSplit(percents):
            return {member: format_percent(units) for member, units in percents}
        case ExactSplit(parts) | AdjustedSplit(parts):
            return {member: shown(minor) for member, minor in parts}
        case ItemizedSplit(items, tax_minor, tip_minor):
            lines = [[shown(item.amount_minor), list(item.member_ids)] for item in items]
            return [lines, shown(tax_minor), shown(tip_minor)]
    raise AssertionError("a vector has a whole split")


def draw_amount(chance: random.Random) -> int:
    """Mostly everyday sizes, sometimes a few cents, rarely the largest there is."""
    largest = chance.choice((9, 999, 99_999, 99_999, 9_999_999, MAX_MINOR))
    return 1 + chance.randrange(largest)


def draw_members(chance: random.Random) -> list[str]:
    """1 to 7 of them, in any order: the order of a request must not matter."""
    members = [f"m{number}" for number in range(MOST_MEMBERS)]
    chance.shuffle(members)
    return members[: 1 + chance.randrange(MOST_MEMBERS)]


def divide(chance: random.Random, total: int, count: int, *, least: int = 0) -> list[int]:
    """`count` numbers of at least `least` that sum to `total`."""
    free = total - count * least
    cuts = sorted(chance.randrange(free + 1) for _ in range(count - 1))
    return [least + after - before for before, after in zip([0, *cuts], [*cuts, free], strict=True)]


def draw_equal(chance: random.Random, amount: int, members: list[str]) -> Split:
    return EqualSplit(tuple(members))


def draw_weights(chance: random.Random, amount: int, members: list[str]) -> Split:
    """Whole weights, or decimal ones; the first is above 0."""
    step = chance.choice((SCALE, SCALE, SCALE // 2, 1))
    numbers = [chance.randrange(5) * step for _ in members]
    numbers[0] += step
    return weights_split(zip(members, map(of_thousandths, numbers), strict=True))


def draw_percent(chance: random.Random, amount: int, members: list[str]) -> Split:
    step = chance.choice((10_000, 100, 1))
    percents = [step * part for part in divide(chance, WHOLE_PERCENT // step, len(members))]
    return PercentSplit(tuple(zip(members, percents, strict=True)))


def draw_exact(chance: random.Random, amount: int, members: list[str]) -> Split:
    return ExactSplit(tuple(zip(members, divide(chance, amount, len(members)), strict=True)))


def draw_adjusted(chance: random.Random, amount: int, members: list[str]) -> Split:
    """Adjustments of either sign, which leave everybody something to pay."""
    margin = amount // (2 * len(members))
    return AdjustedSplit(
        tuple(
            (member, chance.randrange(-margin, margin + 1) * chance.randrange(2))
            for member in members
        )
    )


def draw_itemized(chance: random.Random, amount: int, members: list[str]) -> Split:
    """A bill of up to 5 lines, each for some of the members."""
    count = min(amount, 1 + chance.randrange(5))
    extra = chance.choice((0, 0, (amount - count) // 5))
    tax, tip = divide(chance, extra, 2)
    items = []
    for price in divide(chance, amount - extra, count, least=1):
        chance.shuffle(members)
        items.append(Item("", price, tuple(members[: 1 + chance.randrange(len(members))])))
    return ItemizedSplit(tuple(items), tax, tip)


DRAWS: dict[str, Draw] = {
    "equal": draw_equal,
    "weights": draw_weights,
    "percent": draw_percent,
    "exact": draw_exact,
    "adjusted": draw_adjusted,
    "itemized": draw_itemized,
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
