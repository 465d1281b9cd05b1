"""The events of a user at one glance, their newest changes, and lists of currencies and categories."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from howmuch.client.views.changes import summary_of
from howmuch.client.views.output import Hanging, cell, local_time, money, table
from howmuch.v1 import expense_pb2, overview_pb2


def overview(found: overview_pb2.MyOverview) -> Iterator[RenderableType]:
    """Show a line for each event and currency."""
    if not found.events and not found.archived_events:
        yield "No events: create one with `howmuch event create NAME`."
    for heading, events in (("", found.events), ("Archived", found.archived_events)):
        if not events:
            continue
        if heading:
            yield Text(f"\n{heading}", style="bold")
        shown = table("Event", "Balance", "", "New", "Changed", right=("Balance", "New"))
        for each in events:
            new = str(each.unread_count) if each.unread_count else ""
            changed = local_time(each.last_change.create_time)[:10]
            name = cell(each.event.name, "bold" if new else "")
            balances = [(money(b.net), b.currency_code) for b in each.balances]
            first, *more = balances or [(Text("even", style="dim"), "")]
            shown.add_row(name, *first, new, changed)
            for balance in more:
                shown.add_row("", *balance)
        yield shown


def activity(changes: Iterable[overview_pb2.MyChange]) -> Iterator[RenderableType]:
    """Show a line for each change; * marks unread ones."""
    shown = 0
    for each in changes:
        change = each.change
        mark = Text("* " if each.unread else "  ", style="bold green")
        when = local_time(change.create_time)[:16]
        said = Text.assemble(cell(each.event_name, "dim"), "  ", cell(summary_of(change)))
        yield Hanging(Text.assemble(mark, (f"{when}  ", "dim")), [said])
        shown += 1
    if not shown:
        yield "No changes."


def currency_list(currencies: Iterable[expense_pb2.Currency]) -> RenderableType:
    shown = table("Code", "Name", "Digits", "Symbol", right=("Digits",), whole=("Code", "Symbol"))
    for each in currencies:
        shown.add_row(each.code, cell(each.name), str(each.digits), cell(each.symbol))
    return shown


def category_list(categories: Iterable[expense_pb2.Category]) -> RenderableType:
    shown = table("Name", "Key", "Icon")
    for each in categories:
        shown.add_row(cell(each.name), cell(each.key, "dim"), cell(each.icon, "dim"))
    return shown
