"""The command `howmuch`: one file per group of commands, each thin.

The files import click alone at their top, and the rest when a command runs: `howmuch --help` and
the completion of a shell then need no database and no gRPC.
"""

import sys
from collections.abc import Sequence

import click

from howmuch.cli.check import check
from howmuch.cli.client import ACCOUNT, SHARING, completion
from howmuch.cli.config import config
from howmuch.cli.db import db
from howmuch.cli.dead_letters import dead
from howmuch.cli.demo import demo
from howmuch.cli.mail import mail
from howmuch.cli.openapi import openapi
from howmuch.cli.run import gateway, run, serve, worker
from howmuch.cli.sections import SectionedGroup
from howmuch.cli.version import version


@click.group(
    cls=SectionedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def cli() -> None:
    """Shared expenses, split to the last cent.

    \b
    A server to try things on:   howmuch run
    A settled trip to look at:   howmuch demo
    Your own:                    howmuch signup
                                 howmuch event create Lisbon --with Bo --with Cy
                                 howmuch expense add Dinner 48.60 --paid bo
                                 howmuch settle
    """  # noqa: D301 - click's mark of lines that are not to be wrapped


cli.add_section("Your account", ACCOUNT)
cli.add_section("Shared expenses", SHARING)
cli.add_section("Servers", (run, serve, gateway, worker))
cli.add_section("Keeping them", (db, check, config, mail, openapi))
cli.add_section("More", (demo, completion, version))
mail.add_command(dead)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 done, 1 failed, 2 wrong use or settings; errors take one line.

    arguments: without the program's name; None takes them from the command line.
    """
    try:
        code = cli.main(arguments, prog_name="howmuch", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(f"howmuch: {_one_line(error)}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    sys.exit(code)


def _one_line(error: click.ClickException) -> str:
    text = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f"{text} Try `{error.ctx.command_path} --help`."
    return text
