"""`howmuch event split`."""

import click

from howmuch.cli.client.complete import complete_member
from howmuch.cli.client.invocation import Invocation, event_command


@click.command()
@click.option(
    "--for",
    "names",
    multiple=True,
    metavar="NAME,...",
    shell_complete=complete_member,
    help="Split equally among these members; `all` means all members.",
)
@click.option("--share", "weights", multiple=True, metavar="NAME=N", help="By shares; repeatable.")
@click.option(
    "--percent", "percents", multiple=True, metavar="NAME=N", help="By percent; repeatable."
)
@click.option("--usual", is_flag=True, help="By the usual weights of the members, as at first.")
@event_command
def split(
    at: Invocation,
    names: tuple[str, ...],
    weights: tuple[str, ...],
    percents: tuple[str, ...],
    usual: bool,
) -> None:
    """Change the default split of new expenses (owners only); without an option, show it."""
    from howmuch.client.drafts import SplitWords, to_split
    from howmuch.client.events import update_event
    from howmuch.client.views.events import default_split

    words = SplitWords(names=names, weights=weights, percents=percents)
    chosen = to_split(words, at.roster, at.event.currency_code)
    if usual and chosen:
        raise click.UsageError("--usual is a way to split by itself; use no other option with it.")
    event = at.event
    if usual or chosen:
        event = update_event(at.session, event, {"default_split": chosen}, None)
    at.output.show(event, default_split(event, at.roster))
