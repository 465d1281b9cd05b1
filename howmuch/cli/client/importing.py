"""`howmuch expense import`."""

from pathlib import Path

import click

from howmuch.cli.client.invocation import Invocation, event_command


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from-line", type=int, default=1, metavar="N", help="Leave out the lines before this one."
)
@event_command
def import_(at: Invocation, file: Path, from_line: int) -> None:
    """Add the expenses of a CSV FILE, whose first line names its columns.

    \b
      reason,amount,currency,date,paid,for,category,notes
      Dinner,48.60,EUR,2026-11-22,ana=30;bo=18.60,ana;bo;cy,food,

    \b
    paid   one NAME, or NAME=AMOUNT;NAME=AMOUNT. Default: you, all of it.
    for    NAME;NAME, who share it equally. Default: everybody.
    date   YYYY-MM-DD, today or yesterday. Default: today.

    Only reason and amount have to be there. Expenses are added by the hundred: a hundred with a mistake in
    it is not added at all, and the error names its line.
    """  # noqa: D301 - click's mark of lines that are not to be wrapped
    from howmuch.client.csv_import import read_rows, send, to_expenses
    from howmuch.client.views.progress import counting

    rows = [row for row in read_rows(file) if row.number >= from_line]
    numbered = to_expenses(rows, at.roster)
    with counting(f"Adding to {at.event.name}", len(numbered)) as told:
        added = send(at.session, at.event.id, numbered, told)
    at.output.show(added)
    at.done(f"Added {len(added.expenses)} expenses to {at.event.name}.")
