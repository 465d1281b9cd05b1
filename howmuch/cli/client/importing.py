"""`howmuch expense import`."""

from pathlib import Path

import click

from howmuch.cli.client.invocation import Invocation, event_command


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from-line", type=int, default=1, metavar="N", help="Skip the lines before this one."
)
@event_command
def import_(at: Invocation, file: Path, from_line: int) -> None:
    """Add expenses from a CSV FILE with a header line.

    \b
      reason,amount,currency,date,paid,for,category,notes,kind
      Dinner,48.60,EUR,2026-11-22,ana=30;bo=18.60,ana;bo;cy,food,,

    \b
    paid   NAME, or NAME=AMOUNT;NAME=AMOUNT. Default: you paid everything.
    for    NAME;NAME to split equally among. Default: the default split of
           the event (`howmuch event split`), at first all members by their
           usual weights.
    date   YYYY-MM-DD, today or yesterday. Default: today.
    kind   expense, income or transfer. Default: expense.

    Only the columns reason and amount are required. Expenses are added in batches of up to 100. A batch
    with an error is not added, and the message names the line of the error.
    """  # noqa: D301 - click does not wrap the lines after it
    from howmuch.client.csv_import import batches, read_rows, send, to_expenses
    from howmuch.client.views.output import counted
    from howmuch.client.views.progress import counting

    rows = [row for row in read_rows(file) if row.number >= from_line]
    numbered = to_expenses(rows, at.roster, at.event.currency_code)
    with counting(f"Adding to {at.event.name}", len(numbered)) as told:
        parts = batches(numbered, len(at.roster.active_ids))
        added = send(at.session, at.event.id, parts, told)
    at.output.show(added)
    at.done(f"Added {counted(len(added.expenses), 'expense')} to {at.event.name}.")
