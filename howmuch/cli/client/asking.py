"""Questions at the terminal. Scripts use options instead."""

import sys

import click

PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


def ask(question: str, flag: str) -> str:
    """Ask for a line. flag: the option to use instead. Raises UsageError without a terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"{flag} is missing, and there is no terminal to ask for it.")
    answer: str = click.prompt(question, err=True)
    return answer


def ask_password(*, stdin: bool, twice: bool, question: str = "Password") -> str:
    """Ask for a password without showing it. stdin: read the next line of standard input instead."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError(
            "there is no terminal to ask for the password; use --password-stdin."
        )
    password: str = click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    return password


def confirm(question: str, flag: str) -> None:
    """Ask for a yes. flag: the option that means yes. Raises Abort, or UsageError without a terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to confirm it; use {flag}.")
    click.confirm(question, abort=True, err=True)
