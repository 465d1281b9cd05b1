"""The catalogs hold every message of the code, translated, and are compiled."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
LOCALE = ROOT / "howmuch" / "mail" / "locale"


def check(directory: Path) -> subprocess.CompletedProcess[str]:
    """What the check of the catalogs says."""
    command = [sys.executable, "tools/mail_catalogs.py", "--check", "--directory", str(directory)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def po(tmp_path: Path) -> Path:
    """A copy of the French catalog, to be spoilt."""
    shutil.copytree(LOCALE, tmp_path / "locale")
    return tmp_path / "locale" / "fr" / "LC_MESSAGES" / "messages.po"


def test_catalogs_are_complete_and_compiled() -> None:
    """No message is missing, stale, fuzzy or without a translation, and the .mo is the .po's."""
    done = check(LOCALE)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('msgstr "Votre part"', 'msgstr ""', "not translated: 'Your share'"),
        ('msgid "Your share"', 'msgid "My share"', "not in the catalog: ('Your share',)"),
        ('msgid "Your share"', 'msgid "My share"', "no longer in the code: ('My share',)"),
        ('msgid "Your share"', '#, fuzzy\nmsgid "Your share"', "fuzzy: 'Your share'"),
        ("Bonjour {name},", "Bonjour {nom},", "has other {places} than 'Hello {name},'"),
        ("{count} modifications", "{n} modifications", "has other {places}"),
        ('msgstr "Votre part"', 'msgstr "Part"', "messages.mo is not what messages.po compiles to"),
    ],
)
def test_fault_in_a_catalog_is_found(po: Path, old: str, new: str, fault: str) -> None:
    """Each way in which a catalog can be behind the code has its line."""
    text = po.read_text()
    assert old in text
    po.write_text(text.replace(old, new, 1))
    done = check(po.parent.parent.parent)
    assert done.returncode == 1
    assert fault in done.stderr


def test_update_changes_nothing_where_all_is_up_to_date(po: Path) -> None:
    """Running the tool twice makes no difference that would have to be committed."""
    directory = po.parent.parent.parent
    subprocess.run(
        [sys.executable, "tools/mail_catalogs.py", "--directory", str(directory)],
        cwd=ROOT,
        check=True,
    )
    ours = LOCALE / "fr" / "LC_MESSAGES"
    assert po.read_text() == (ours / "messages.po").read_text()
    assert po.with_suffix(".mo").read_bytes() == (ours / "messages.mo").read_bytes()
