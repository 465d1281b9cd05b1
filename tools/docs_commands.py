"""The page of the command line, from click's own tree: every command, argument and option."""

import inspect
from collections.abc import Iterator

import click

from howmuch.cli import cli

_HEAD = """\
# The command line

In a checkout the program is `.venv/bin/howmuch`. Exit codes: 0 done, 1 failed, 2 wrong use or settings. This
page is made from the program; `howmuch COMMAND --help` prints the same.
"""


def commands_page() -> str:
    """The page, in Markdown."""
    context = click.Context(cli, info_name="howmuch", **cli.context_settings)
    return "\n".join([_HEAD, *_command(cli, context)])


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    path = context.command_path
    usage = f"{path} {' '.join(command.collect_usage_pieces(context))}"
    yield from (f"## {path} {{ #{path.replace(' ', '-')} }}", "", "```text", usage, "```", "")
    yield from (_prose(command.help), "")
    options = [
        record
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) is not None
    ]
    if options:
        yield from ("| Option | |", "|---|---|")
        yield from (f"| `{_cell(names)}` | {_cell(meaning)} |" for names, meaning in options)
        yield ""
    yield from (_prose(command.epilog), "")
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _command(child, click.Context(child, info_name=name, parent=context))


def _prose(text: str | None) -> str:
    return "\n\n".join(_paragraph(each) for each in inspect.cleandoc(text or "").split("\n\n"))


def _paragraph(text: str) -> str:
    if text.startswith("\b\n"):  # The mark of click for what stays in lines.
        return "\n".join(("```text", text.removeprefix("\b\n"), "```"))
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
