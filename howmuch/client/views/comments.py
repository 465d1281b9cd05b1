"""Lists of comments, and of things that were recently used."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.events import Roster
from howmuch.client.views.output import Hanging, cell, local_time
from howmuch.client.views.splits import weight
from howmuch.v1 import expense_pb2


def comment_list(
    comments: Iterable[expense_pb2.Comment], roster: Roster
) -> Iterator[RenderableType]:
    """Show author, time and id of each comment, and below it the text."""
    shown = 0
    for each in comments:
        author = cell(roster.name(each.author_member_id), "bold")
        when = local_time(each.create_time)[:16]
        yield Text.assemble(author, (f"  {when}", "dim"))
        yield cell(each.text)
        yield Text(each.id, style="dim")
        shown += 1
    if not shown:
        yield "No comments."


def recently_used(used: expense_pb2.RecentlyUsed, roster: Roster) -> Iterator[RenderableType]:
    """Show one line for each kind of thing, with the most recently used first."""
    for heading, words in {
        "Reasons": [each.reason for each in used.reasons],
        "Categories": [each.category for each in used.categories],
        "Paid by": [roster.name(each.member_id) for each in used.payers],
        "Paid to": [roster.name(each.member_id) for each in used.payees],
        "Splits": [_split(each.split, roster) for each in used.splits],
        "Currencies": list(used.currency_codes),
    }.items():
        if words:
            yield Hanging(Text(f"{heading}: ", style="bold"), [cell(", ".join(words))])
    if not used.currency_codes:
        yield "No expenses yet: add one with `howmuch expense add`."


def _split(split: expense_pb2.Split, roster: Roster) -> str:
    """A split as words: `Ana + Bo`, `Ana 2 + Bo 1`, `Ana 60% + Bo 40%`."""
    match split.WhichOneof("mode"):
        case "weights":
            parts = [f"{roster.name(p.member_id)} {weight(p)}" for p in split.weights.parts]
        case "percent":
            parts = [f"{roster.name(p.member_id)} {p.percent}%" for p in split.percent.parts]
        case _:
            parts = [roster.name(member_id) for member_id in split.equal.member_ids]
    return " + ".join(parts)
