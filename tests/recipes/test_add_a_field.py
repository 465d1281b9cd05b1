"""CONTRIBUTING's recipe "Add a field", followed on a copy of the project for a plain optional field."""

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import WAIT_SECONDS, as_process, environment, running
from tests.recipes.receipt_client import EMAIL, PASSWORD

ROOT = Path(__file__).parents[2]
MOST_FILES = 6
MAKE_SECONDS = 300

# File to a line in it, and the lines that go after it.
EDITS = {
    "proto/howmuch/v1/expense.proto": {
        "  google.protobuf.Timestamp delete_time = 18": "  // Number of the receipt: at most 100"
        " characters on one line. May be empty.\n  string receipt = 19;\n",
    },
    "howmuch/model.py": {
        "    split: Annotated[Split,": '    receipt: Annotated[str, TextRule(100)] = ""\n',
    },
    "howmuch/storage/tables/ledger.py": {
        '    Column("notes", Text': '    Column("receipt", String(100), nullable=False,'
        ' server_default=""),\n',
    },
    "howmuch/cli/client/expense_options.py": {
        '    "--notes": "Notes.",': '    "--receipt": "Number of the receipt.",\n',
        '    "--notes": "New notes;': '    "--receipt": "New number of the receipt.",\n',
        '    "notes",': '    "receipt",\n',
        '    (("--notes",),': '    (("--receipt",), {"metavar": "TEXT"}),\n',
    },
    "howmuch/client/views/expenses.py": {
        '            "Notes": expense.notes,': '            "Receipt": expense.receipt,\n',
    },
    "howmuch/mail/expense_differences.py": {
        '        *row("category",': '        *row("receipt", N_("Receipt"), wording.text(old.receipt),'
        " wording.text(new.receipt)),\n",
    },
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of all that the recipe needs, with the environment of this one."""
    copied = tmp_path / "copy"
    for name in ("howmuch", "proto", "tools", "gen"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "buf.yaml", "buf.gen.yaml", "pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, copied / name)
    (copied / ".venv").symlink_to(sys.prefix)
    return copied


def edit(file: Path, edits: dict[str, str]) -> None:
    """Puts lines after the one line that begins so."""
    lines = file.read_text().splitlines(keepends=True)
    for anchor, added in edits.items():
        [index] = [index for index, line in enumerate(lines) if line.startswith(anchor)]
        lines.insert(index + 1, added)
    file.write_text("".join(lines))


def imports_of(copy: Path) -> dict[str, str]:
    """The environment in which Python takes the program from the copy."""
    return {"PYTHONPATH": f"{copy}:{copy / 'gen' / 'python'}"}


def make(copy: Path, *arguments: str) -> None:
    """A target of the copy, by the environment that is there."""
    done = subprocess.run(
        ["make", "--old-file=.venv/.run-ready", "--old-file=.venv/.ready", *arguments],
        cwd=copy,
        env=environment(**imports_of(copy)),
        capture_output=True,
        text=True,
        timeout=MAKE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def files_of_recipe() -> set[str]:
    """The files that the recipe has people edit."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    recipe = re.search(r"^### Add a field\n(.*?)^##", text, re.DOTALL | re.MULTILINE)
    assert recipe
    [steps] = re.findall(r"^1\..*?\n\n", recipe[1], re.DOTALL | re.MULTILINE)
    return set(re.findall(r"`((?:howmuch|proto)/[\w/.]+\.\w+)`", steps))


def test_recipe_names_these_files_and_no_more() -> None:
    """A plain optional field touches at most six files that people write."""
    assert files_of_recipe() == set(EDITS)
    assert len(EDITS) <= MOST_FILES


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_recipe_makes_a_field_that_works(copy: Path, tmp_path: Path) -> None:
    """After the recipe the field is created, read, updated, listed, in history and restored."""
    data = tmp_path / "data"
    imports: dict[str, Any] = {**imports_of(copy), "PYTHONSAFEPATH": "1"}
    # Ports that the system chooses when the server binds them.
    ports = ("--grpc-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")
    where = ("--data-dir", str(data), *ports)
    with running(tmp_path / "before.log", *where):
        pass  # makes the database of the version before
    for name, edits in EDITS.items():
        edit(copy / name, edits)
    make(copy, "gen")
    make(copy, "migration", "M=expenses have a receipt")
    config: dict[str, Any] = {"XDG_CONFIG_HOME": str(tmp_path)}
    with running(tmp_path / "log", *where, **imports) as server:
        client = subprocess.run(
            [sys.executable, Path(__file__).with_name("receipt_client.py"), server.address],
            env=environment(**imports),
            capture_output=True,
            text=True,
            timeout=WAIT_SECONDS,
            check=False,
        )
        assert client.returncode == 0, client.stderr + server.log

        def command(*arguments: str, stdin: str = "") -> str:
            done = as_process(*arguments, stdin=stdin, **imports, **config)
            assert done.returncode == 0, done.stderr + server.log
            return done.stdout

        command("login", EMAIL, "--password-stdin", "--server", server.address, stdin=PASSWORD)
        assert "R-4" in command("expense", "edit", "Tea", "--receipt", "R-4", "--event", "Trip")
        # A document that the version before has written lacks the field.
        with sqlite3.connect(data / "howmuch.db") as database:
            lacking = "json_remove(after, '$.receipt')"
            assert database.execute(f"UPDATE changes SET after = {lacking}").rowcount
        database.close()
        assert "Tea" in command("expense", "history", "Tea", "--event", "Trip")
    checked = as_process("check", "--data-dir", str(data), **imports)
    assert checked.returncode == 0, checked.stdout + checked.stderr
