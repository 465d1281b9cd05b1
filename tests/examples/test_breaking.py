"""A change of the API that its clients would not survive does not pass `make check`."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples.environments import ROOT, done, programs

EXPENSE = "proto/howmuch/v1/expense.proto"


@pytest.fixture(scope="module")
def present(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the proto files and of the image of the release, with what they import."""
    directory = tmp_path_factory.mktemp("present")
    shutil.copy(ROOT / "buf.yaml", directory)
    shutil.copytree(ROOT / "proto", directory / "proto")
    done("python", "tools/third_party_protos.py", str(directory / "build" / "proto"))
    return directory


@pytest.fixture(scope="module")
def released(present: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The proto files, which were released as they are."""
    directory = shutil.copytree(present, tmp_path_factory.mktemp("released") / "checkout")
    for command in recipe("release-baseline"):
        if command.startswith("buf "):
            done(*command.split(), cwd=directory)
    return directory


@pytest.fixture
def changed(released: Path, tmp_path: Path) -> Path:
    """A copy of them, for a test to change."""
    return Path(shutil.copytree(released, tmp_path / "changed"))


def recipe(target: str) -> list[str]:
    """The commands of a target of make."""
    return done("make", "--dry-run", target).splitlines()


def checked(directory: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` says of breaking changes there."""
    [command] = [line for line in recipe("check") if "buf breaking" in line]
    return subprocess.run(
        command,
        shell=True,
        cwd=directory,
        env=programs(),
        capture_output=True,
        text=True,
        check=False,
    )


def replace(directory: Path, pattern: str, by: str) -> None:
    """In the messages of expenses, once."""
    path = directory / EXPENSE
    text, count = re.subn(pattern, by, path.read_text())
    assert count == 1
    path.write_text(text)


@pytest.mark.parametrize(
    ("pattern", "by", "said"),
    [
        (
            r"string notes = 7\b",
            "int64 notes = 7",
            'Field "7" with name "notes" on message "Expense"',
        ),
        (r"string notes = 7\b", "string notes = 70", 'field "7" with name "notes"'),
        (
            r"string notes = 7\b",
            "string remarks = 7",
            'Field "7" on message "Expense" changed name',
        ),
    ],
    ids=["type", "number", "name"],
)
def test_changed_field_is_refused(changed: Path, pattern: str, by: str, said: str) -> None:
    """Of another type, number or name; what is said names the file and the field."""
    replace(changed, pattern, by)
    done = checked(changed)
    assert done.returncode != 0
    assert EXPENSE in done.stdout
    assert said in done.stdout


def test_added_field_is_accepted(changed: Path) -> None:
    """Who does not know it is not disturbed."""
    replace(
        changed,
        r"(message Payment \{\n)",
        r"\1  // How it was paid. May be empty.\n  string means = 3;\n",
    )
    done = checked(changed)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_check_without_a_baseline_fails(changed: Path) -> None:
    """What was never released is compared with nothing, and that is no success."""
    (changed / "proto" / "baseline.binpb").unlink()
    assert checked(changed).returncode != 0


def test_present_files_are_compatible_with_the_release(present: Path) -> None:
    """The image that is in the repository."""
    tracked = done("git", "ls-files", "proto/baseline.binpb")
    assert tracked == "proto/baseline.binpb\n"
    found = checked(present)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")
