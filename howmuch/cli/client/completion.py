"""`howmuch completion`."""

import click
from click.shell_completion import get_completion_class

_LINES = {
    "bash": 'eval "$(howmuch completion bash)"    # in ~/.bashrc',
    "zsh": 'eval "$(howmuch completion zsh)"     # in ~/.zshrc',
    "fish": "howmuch completion fish | source     # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_LINES.values()))
@click.argument("shell", type=click.Choice(list(_LINES)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes a shell complete commands and names.

    It completes commands, options, and the names of events, members and expenses.
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root()
    click.echo(kind(root.command, {}, "howmuch", "_HOWMUCH_COMPLETE").source())
