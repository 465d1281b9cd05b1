"""Lines of changes: the time, the sentence of the server, and each value that changed."""

from rich.text import Text

from howmuch.client.views.output import Hanging, cell, clean, local_time
from howmuch.v1 import change_pb2


def change_lines(change: change_pb2.Change) -> Hanging:
    """`12  2026-11-25 10:00:00  Ana changed “Dinner”, €48.60`, and below it a line for each difference."""
    when = local_time(change.create_time)
    head = f"{change.revision:>4}  {when}  "
    said = [cell(summary_of(change)), *map(Text, difference_lines(change))]
    return Hanging(Text(head, style="dim"), said)


def summary_of(change: change_pb2.Change) -> str:
    """The sentence about a change. A server from before it says only the kind."""
    if change.summary:
        return change.summary
    kind = change_pb2.ChangeKind.Name(change.kind).removeprefix("CHANGE_KIND_")
    return kind.replace("_", " ").capitalize()


def difference_lines(change: change_pb2.Change) -> list[str]:
    """`Paid by: Ana → Bo`; a value that was not there is left out."""
    return [
        clean(f"{each.label}: {' → '.join(filter(None, (each.old_value, each.new_value)))}")
        if each.new_value
        else clean(f"{each.label}: {each.old_value} → none")
        for each in change.differences
    ]
