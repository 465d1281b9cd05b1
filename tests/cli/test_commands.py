"""The commands that need no server: their output, their errors, their exit codes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import howmuch as package
from howmuch.cli import cli
from tests.cli.program import as_process, environment, howmuch, in_process


def commands() -> list[list[str]]:
    """Every command and group, as its arguments."""
    found: list[list[str]] = [[]]
    for name, command in cli.commands.items():
        found.append([name])
        found += [[name, sub] for sub in getattr(command, "commands", {})]
    return found


@pytest.mark.parametrize("arguments", commands(), ids=" ".join)
def test_every_command_and_option_has_a_help_text(arguments: list[str]) -> None:
    """--help works everywhere and leaves no option unexplained."""
    result = CliRunner().invoke(cli, [*arguments, "--help"])
    assert result.exit_code == 0
    assert not re.search(r"^  -\S+( [A-Z:]+)?$\n  (-|$)", result.output, re.MULTILINE)


def test_help_loads_neither_grpc_nor_the_database() -> None:
    """The command line is quick because a command imports what it needs when it runs."""
    program = (
        "import sys; from howmuch.cli import main\n"
        "try: main(['--help'])\n"
        "finally: print({'grpc', 'sqlalchemy', 'pydantic', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("set()\n")


def test_version() -> None:
    """The version of the package, from a process: the program can be started."""
    assert as_process("version").stdout == f"howmuch {package.__version__}\n"


def test_config_show_names_every_source(tmp_path: Path) -> None:
    """A value and its layer in each line; the password of the database is masked."""
    Path(tmp_path, "howmuch.yaml").write_text("grpc: {threads: 7}\n")
    done = howmuch(
        "config",
        "show",
        "--grpc-listen",
        "127.0.0.1:7",
        cwd=tmp_path,
        HOWMUCH_DATABASE__URL="postgresql://ann:hush@db/howmuch",
    )
    lines = {tuple(re.split(r"  +", line)) for line in done.stdout.splitlines()}
    assert ("grpc.threads", "7", "file howmuch.yaml") in lines
    assert ("grpc.listen", "127.0.0.1:7", "flag --grpc-listen") in lines
    assert ("workers", "1", "default") in lines
    assert (
        "database.url",
        "postgresql://ann:***@db/howmuch",
        "environment HOWMUCH_DATABASE__URL",
    ) in lines
    assert "hush" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["nope"], 2, "No such command 'nope'. Try `howmuch --help`."),
        (["run", "--nope"], 2, "No such option '--nope'. Try `howmuch run --help`."),
        (
            ["run", "--workers", "x"],
            2,
            "flag --workers: workers: expected a valid integer, not 'x'",
        ),
        (["serve", "--config", "no.yaml"], 2, "flag --config: there is no file no.yaml"),
        (["demo", "--server", "127.0.0.1:1"], 1, "127.0.0.1:1 does not answer; is `howmuch run` r"),
        (
            ["db", "current", "--database-url", "postgresql://u:hush@127.0.0.1:1/x"],
            1,
            "postgresql://u:***@127.0.0.1:1/x does not answer: ",
        ),
        (["db", "check", "--database-url", "sqlite:///new.db"], 1, "migrations pending: 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_error_is_one_line(tmp_path: Path, arguments: list[str], code: int, line: str) -> None:
    """A failure is one line on standard error and an exit code, without a traceback."""
    check_one_line(in_process(*arguments, cwd=tmp_path), code, line)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["serve", "--database-url", "sqlite:///new.db"],
            "the database cannot start: sqlite:///new.db lacks the migrations 0",
        ),
        (
            ["run", "--database-url", "postgresql://u:hush@127.0.0.1:1/x"],
            "the database cannot start: postgresql://u:***@127.0.0.1:1/x does not answer: ",
        ),
    ],
    ids=["serve", "run"],
)
def test_error_at_start_is_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    """So is a failure of a program that would serve."""
    check_one_line(howmuch(*arguments, cwd=tmp_path), 1, line)


def check_one_line(done: subprocess.CompletedProcess[str], code: int, line: str) -> None:
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith(f"howmuch: {line}")
    assert done.stderr.count("\n") == 1
    assert "hush" not in done.stderr


def test_db_commands_from_empty_to_up_to_date(tmp_path: Path) -> None:
    """`db upgrade` makes the data directory and the tables; doing it again changes nothing."""
    where = ("--data-dir", str(tmp_path / "new" / "data"))
    first, again = howmuch("db", "upgrade", *where), howmuch("db", "upgrade", *where)
    assert re.fullmatch(r"upgraded empty to \w+\n", first.stdout)
    assert re.fullmatch(r"up to date at \w+\n", again.stdout)
    assert again.stdout.split()[-1] == howmuch("db", "current", *where).stdout.strip()
    check = howmuch("db", "check", *where)
    assert (check.returncode, check.stdout) == (0, again.stdout)
    assert howmuch("check", *where).stdout == "no difference in 0 events\n"
    assert (tmp_path / "new" / "data").stat().st_mode & 0o777 == 0o700


def test_no_arguments_print_the_help() -> None:
    """`howmuch` alone shows what it can do."""
    done = subprocess.run(
        [sys.executable, "-m", "howmuch"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "Usage: howmuch [OPTIONS] COMMAND" in done.stderr
