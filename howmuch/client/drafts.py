"""Parts of an expense from the words of a command line."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from howmuch.client.amounts import part_amount, read_number
from howmuch.client.client_errors import WrongUse
from howmuch.client.events import Roster
from howmuch.v1 import expense_pb2

EVERYBODY = "all"
_NUMBER = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SplitWords:
    """The options of a split: `NAME=VALUE` each, of one kind. All empty means no split.

    names: `NAME,...`, for an equal split or with adjustments. items: `TEXT=AMOUNT:NAME,...`.
    """

    names: Sequence[str] = ()
    weights: Sequence[str] = ()
    percents: Sequence[str] = ()
    exact: Sequence[str] = ()
    adjustments: Sequence[str] = ()
    items: Sequence[str] = ()
    tax: str | None = None
    tip: str | None = None


def to_split(words: SplitWords, roster: Roster, currency_code: str) -> expense_pb2.Split | None:
    """Return the split, or None if there is no option. currency_code: of the expense.

    Raises WrongUse, ClientError for unknown members.
    """
    flags = {
        "--share": words.weights,
        "--percent": words.percents,
        "--exact": words.exact,
        "--adjust": words.adjustments,
        "--item": words.items,
    }
    said = [flag for flag, values in flags.items() if values]
    if words.names and said != ["--adjust"]:
        said.insert(0, "--for")
    if len(said) > 1:
        raise WrongUse(f"{' and '.join(said)} are different ways to split; use one of them.")
    if (words.tax or words.tip) and said != ["--item"]:
        raise WrongUse("--tax and --tip need --item; use --item for each line of the bill.")
    if not said:
        return None
    return _MODES[said[0]](words, Reader(roster, currency_code))


def weight_fields(flag: str, text: str) -> dict[str, Any]:
    """Return the field of a weight: `weight` for a whole number, else `weight_decimal`. Raises WrongUse."""
    number = read_number(flag, text)
    if not _NUMBER.fullmatch(number):
        raise WrongUse(f"{flag}: {text!r} is not a number of shares, such as 2, 0.5 or 0.")
    whole = len(number) <= 7 and "." not in number
    return {"weight": int(number)} if whole else {"weight_decimal": number}


def to_payments(
    paid: Sequence[str], roster: Roster, currency_code: str
) -> list[expense_pb2.Payment]:
    """Parse `NAME=AMOUNT`, or a single `NAME` that paid everything. Raises as `to_split`."""
    read = Reader(roster, currency_code)
    if len(paid) == 1 and "=" not in paid[0]:
        return [expense_pb2.Payment(member_id=roster.id(paid[0]))]
    return [
        expense_pb2.Payment(member_id=member_id, amount=amount)
        for member_id, amount in read.amounts("--paid", paid)
    ]


def to_date(text: str) -> str:
    """Convert `today` and `yesterday`, in local time, to YYYY-MM-DD. Other texts stay."""
    today = datetime.now().astimezone().date()
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    return days[text.lower()].isoformat() if text.lower() in days else text


def member_ids(names: Iterable[str], roster: Roster) -> list[str]:
    """Return the ids of members named like `["ana,bo", "cy"]`. `all` means all active members."""
    found: list[str] = []
    for name in (name.strip() for group in names for name in group.split(",")):
        if name.casefold() == EVERYBODY:
            found += roster.active_ids
        elif name:
            found.append(roster.id(name))
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of an expense. currency_code: of the expense."""

    roster: Roster
    currency_code: str

    def pairs(self, flag: str, words: Sequence[str]) -> list[tuple[str, str]]:
        """Return member id and value of each `NAME=VALUE`."""
        found = []
        for word in words:
            # From the right: a name may contain the sign, a value cannot.
            name, sign, value = word.rpartition("=")
            if not (sign and name.strip() and value.strip()):
                raise WrongUse(f"{flag} {word!r} is not NAME=VALUE, such as {flag} ana=2.")
            found.append((self.roster.id(name.strip()), value.strip()))
        return found

    def amounts(
        self, flag: str, words: Sequence[str], *, signed: bool = False
    ) -> list[tuple[str, str]]:
        """Return member id and amount of each `NAME=AMOUNT`."""
        return [
            (member_id, self.amount(flag, value, signed=signed))
            for member_id, value in self.pairs(flag, words)
        ]

    def amount(self, flag: str, text: str, *, signed: bool = False) -> str:
        """Return the amount of a part."""
        return part_amount(flag, text, self.currency_code, signed=signed)


def _equal(words: SplitWords, read: Reader) -> expense_pb2.Split:
    ids = member_ids(words.names, read.roster)
    return expense_pb2.Split(equal=expense_pb2.EqualSplit(member_ids=ids))


def _weights(words: SplitWords, read: Reader) -> expense_pb2.Split:
    split = expense_pb2.WeightsSplit()
    for member_id, weight in read.pairs("--share", words.weights):
        split.parts.add(member_id=member_id, **weight_fields("--share", weight))
    return expense_pb2.Split(weights=split)


def _percent(words: SplitWords, read: Reader) -> expense_pb2.Split:
    split = expense_pb2.PercentSplit()
    for member_id, percent in read.pairs("--percent", words.percents):
        plain = read_number("--percent", percent.removesuffix("%"), digits=3)
        split.parts.add(member_id=member_id, percent=plain)
    return expense_pb2.Split(percent=split)


def _exact(words: SplitWords, read: Reader) -> expense_pb2.Split:
    split = expense_pb2.ExactSplit()
    for member_id, amount in read.amounts("--exact", words.exact):
        split.parts.add(member_id=member_id, amount=amount)
    return expense_pb2.Split(exact=split)


def _adjusted(words: SplitWords, read: Reader) -> expense_pb2.Split:
    adjusted = dict(read.amounts("--adjust", words.adjustments, signed=True))
    others = member_ids(words.names or [EVERYBODY], read.roster)
    split = expense_pb2.AdjustedSplit()
    for member_id in dict.fromkeys([*others, *adjusted]):
        split.parts.add(member_id=member_id, adjustment=adjusted.get(member_id, ""))
    return expense_pb2.Split(adjusted=split)


def _itemized(words: SplitWords, read: Reader) -> expense_pb2.Split:
    split = expense_pb2.ItemizedSplit(
        tax=read.amount("--tax", words.tax) if words.tax else "",
        tip=read.amount("--tip", words.tip) if words.tip else "",
    )
    for word in words.items:
        text, equals, rest = word.rpartition("=")
        amount, colon, names = rest.partition(":")
        if not (equals and colon and amount.strip()):
            raise WrongUse(f"--item {word!r} is not TEXT=AMOUNT:NAME,..., such as Wine=24:ana,bo.")
        split.items.add(
            name=text.strip(),
            amount=read.amount("--item", amount.strip()),
            member_ids=member_ids([names], read.roster),
        )
    return expense_pb2.Split(itemized=split)


_MODES: dict[str, Callable[[SplitWords, Reader], expense_pb2.Split]] = {
    "--for": _equal,
    "--share": _weights,
    "--percent": _percent,
    "--exact": _exact,
    "--adjust": _adjusted,
    "--item": _itemized,
}
