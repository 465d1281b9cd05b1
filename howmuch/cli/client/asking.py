"""Questions at the terminal, and what scripts say instead."""

import sys

import click

PASSWORD_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


def ask(question: str, flag: str) -> str:
    """A line. flag: what says it instead. Raises UsageError where there is no terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"{flag} is missing, and there is no terminal to ask at.")
    answer: str = click.prompt(question, err=True)
    return answer


def ask_password(*, stdin: bool, twice: bool, question: str = "Password") -> str:
    """A password, which is not shown. stdin: the next line of standard input is it."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError(
            "there is no terminal to ask for the password at; write it to --password-stdin."
        )
    password: str = click.prompt(question, hide_input=True, confirmation_prompt=twice, err=True)
    return password


def confirm(question: str, flag: str) -> None:
    """Raises Abort for a no. flag: what says yes instead; UsageError where there is no terminal."""
    if not sys.stdin.isatty():
        raise click.UsageError(f"there is no terminal to ask at; {flag} says yes.")
    click.confirm(question, abort=True, err=True)
