"""What the README shows, run."""

import re
from pathlib import Path

from tests.cli.program import running

README = Path(__file__).parents[2] / "README.md"


def test_readme_example_runs(tmp_path: Path) -> None:
    """The Python example works as it stands against a fresh server."""
    (block,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    data = f"--data-dir={tmp_path / 'data'}"
    with running(tmp_path / "log", data, "--grpc-listen=127.0.0.1:0") as server:
        exec(block.replace("127.0.0.1:50051", server.address), {})
