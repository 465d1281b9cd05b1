"""The split of an expense: its mode, and the part of each member in it."""

from collections.abc import Iterator

from rich.console import RenderableType

from howmuch.client.events import Roster
from howmuch.client.views.output import cell, table
from howmuch.v1 import event_pb2, expense_pb2

_MODES = {
    "equal": "equally",
    "weights": "by weights",
    "percent": "in percent",
    "exact": "by exact amounts",
    "adjusted": "equally, with adjustments",
    "itemized": "by the lines of the bill",
}


def split_mode(split: expense_pb2.Split) -> str:
    mode = split.WhichOneof("mode") or "equal"
    return _MODES.get(mode, mode)


def weight(weighed: event_pb2.Member | expense_pb2.WeightsSplit.Part) -> str:
    """Return the weight: `2`, `0.5`; of a part without one, `usual`."""
    if weighed.HasField("weight"):
        return str(weighed.weight)
    return weighed.weight_decimal or "usual"


def split_parts(split: expense_pb2.Split) -> dict[str, str]:
    """Member id to the number that the split has for the member. Empty means that the mode has none."""
    match split.WhichOneof("mode"):
        case "weights":
            return {part.member_id: f"weight {weight(part)}" for part in split.weights.parts}
        case "percent":
            return {part.member_id: f"{part.percent}%" for part in split.percent.parts}
        case "exact":
            return {part.member_id: part.amount for part in split.exact.parts}
        case "adjusted":
            return {part.member_id: _signed(part.adjustment) for part in split.adjusted.parts}
        case _:
            return {}


def bill_lines(split: expense_pb2.Split, roster: Roster) -> Iterator[RenderableType]:
    """A table of the lines of a bill with their members, and tax and tip."""
    if split.WhichOneof("mode") != "itemized":
        return
    shown = table("Item", "Amount", "For", right=("Amount",))
    for item in split.itemized.items:
        people = ", ".join(map(roster.name, item.member_ids))
        shown.add_row(cell(item.name), item.amount, cell(people))
    for name, amount in (("Tax", split.itemized.tax), ("Tip", split.itemized.tip)):
        if amount.strip("0."):
            shown.add_row(cell(name, "dim"), amount, cell("in proportion to the lines", "dim"))
    yield ""
    yield shown


def _signed(adjustment: str) -> str:
    if not adjustment.strip("0.-"):
        return ""
    return adjustment if adjustment.startswith("-") else f"+{adjustment}"
