"""The command `howmuch`: one thin file for each group of commands.

The files import only click at the top, and the rest when a command runs. So `howmuch --help` and shell
completion load neither the database nor gRPC.
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
    """Split shared expenses, to the last cent.

    \b
    Start a server to try it:   howmuch run
    Settle an example trip:     howmuch demo
    Settle your own:            howmuch signup
                                howmuch event create Lisbon --with Bo --with Cy
                                howmuch expense add Dinner 48.60 --paid bo
                                howmuch settle
    """  # noqa: D301 - click does not wrap the lines after it


cli.add_section("Your account", ACCOUNT)
cli.add_section("Shared expenses", SHARING)
cli.add_section("Servers", (run, serve, gateway, worker))
cli.add_section("Maintenance", (db, check, config, mail, openapi))
cli.add_section("Other", (demo, completion, version))
mail.add_command(dead)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit: 0 success, 1 failure, 2 wrong usage or settings. Errors are one line.

    arguments: without the name of the program. None means those of the process.
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
