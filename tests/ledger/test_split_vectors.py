"""The splits that the web app's arithmetic is compared with are those of the ledger."""

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[2] / "tools" / "split_vectors.py"


def test_split_vectors_are_current() -> None:
    """The ledger computes the shares in web/test/vectors/splits.json."""
    checked = subprocess.run([sys.executable, TOOL, "--check"], capture_output=True, text=True)
    assert (checked.returncode, checked.stdout) == (0, "")
