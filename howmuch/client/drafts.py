"""Parts of an expense from the words of a command line."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from howmuch.client.client_errors import WrongUse
from howmuch.client.events import Roster
from howmuch.v1 import expense_pb2

EVERYBODY = "all"


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


def to_split(words: SplitWords, roster: Roster) -> expense_pb2.Split | None:
    """Return the split, or None if there is no option. Raises WrongUse, ClientError for unknown members."""
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
    return _MODES[said[0]](words, roster)


def to_payments(paid: Sequence[str], roster: Roster) -> list[expense_pb2.Payment]:
    """Parse `NAME=AMOUNT`, or a single `NAME` that paid everything. Raises as `to_split`."""
    if len(paid) == 1 and "=" not in paid[0]:
        return [expense_pb2.Payment(member_id=roster.id(paid[0]))]
    return [
        expense_pb2.Payment(member_id=member_id, amount=amount)
        for member_id, amount in _pairs("--paid", paid, roster)
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


def _pairs(flag: str, words: Sequence[str], roster: Roster) -> list[tuple[str, str]]:
    """Return member id and value of each `NAME=VALUE`."""
    found = []
    for word in words:
        # From the right: a name may contain the sign, a value cannot.
        name, sign, value = word.rpartition("=")
        if not (sign and name.strip() and value.strip()):
            raise WrongUse(f"{flag} {word!r} is not NAME=VALUE, such as {flag} ana=2.")
        found.append((roster.id(name.strip()), value.strip()))
    return found


def _equal(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    return expense_pb2.Split(
        equal=expense_pb2.EqualSplit(member_ids=member_ids(words.names, roster))
    )


def _weights(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    split = expense_pb2.WeightsSplit()
    for member_id, weight in _pairs("--share", words.weights, roster):
        if not (weight.isascii() and weight.isdigit() and len(weight) <= 7):
            raise WrongUse(f"--share: {weight!r} is not a whole number of shares, 1 to 1000000.")
        split.parts.add(member_id=member_id, weight=int(weight))
    return expense_pb2.Split(weights=split)


def _percent(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    split = expense_pb2.PercentSplit()
    for member_id, percent in _pairs("--percent", words.percents, roster):
        split.parts.add(member_id=member_id, percent=percent.removesuffix("%"))
    return expense_pb2.Split(percent=split)


def _exact(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    split = expense_pb2.ExactSplit()
    for member_id, amount in _pairs("--exact", words.exact, roster):
        split.parts.add(member_id=member_id, amount=amount)
    return expense_pb2.Split(exact=split)


def _adjusted(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    adjusted = {
        member_id: amount.removeprefix("+")
        for member_id, amount in _pairs("--adjust", words.adjustments, roster)
    }
    others = member_ids(words.names or [EVERYBODY], roster)
    split = expense_pb2.AdjustedSplit()
    for member_id in dict.fromkeys([*others, *adjusted]):
        split.parts.add(member_id=member_id, adjustment=adjusted.get(member_id, ""))
    return expense_pb2.Split(adjusted=split)


def _itemized(words: SplitWords, roster: Roster) -> expense_pb2.Split:
    split = expense_pb2.ItemizedSplit(tax=words.tax or "", tip=words.tip or "")
    for word in words.items:
        text, equals, rest = word.rpartition("=")
        amount, colon, names = rest.partition(":")
        if not (equals and colon and amount.strip()):
            raise WrongUse(f"--item {word!r} is not TEXT=AMOUNT:NAME,..., such as Wine=24:ana,bo.")
        split.items.add(
            name=text.strip(), amount=amount.strip(), member_ids=member_ids([names], roster)
        )
    return expense_pb2.Split(itemized=split)


_MODES: dict[str, Callable[[SplitWords, Roster], expense_pb2.Split]] = {
    "--for": _equal,
    "--share": _weights,
    "--percent": _percent,
    "--exact": _exact,
    "--adjust": _adjusted,
    "--item": _itemized,
}
