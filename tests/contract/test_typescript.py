"""Web clients take types from the OpenAPI document: openapi-typescript makes them, tsc believes them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "typescript"
DOCUMENT = Path(__file__).parents[2] / "gen" / "openapi" / "openapi.json"

# The packages are fetched first, and once.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("typescript")]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, its packages as they are locked, and the types of the document."""
    if shutil.which("npm") is None:
        pytest.skip("Node.js and npm are not installed")
    directory = tmp_path_factory.mktemp("typescript") / "client"
    shutil.copytree(HERE, directory)
    run(directory, "npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=5")
    run(directory, "npx", "--no-install", "openapi-typescript", str(DOCUMENT), "-o", "howmuch.d.ts")
    return directory


def run(directory: Path, *command: str) -> None:
    """Runs a command, which has to succeed."""
    done = compiled(directory, *command)
    assert done.returncode == 0, done.stdout + done.stderr


def compiled(directory: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=directory, env=os.environ, capture_output=True, text=True, check=False
    )


def test_client_compiles_with_the_types_of_the_document(client: Path) -> None:
    """client.ts lists, adds and reads errors by them; each line of wrong.ts is a mistake that they find."""
    run(client, "npx", "--no-install", "tsc", "--strict", "--project", ".")


def test_mistake_does_not_compile(client: Path) -> None:
    """Without the word that a mistake is expected, it is an error: the types are not just any."""
    text = (client / "wrong.ts").read_text()
    marks = text.count("// @ts-expect-error")
    broken = client / "broken.ts"
    broken.write_text(text.replace("// @ts-expect-error", "//"))
    done = compiled(
        client, "npx", "--no-install", "tsc", "--strict", "--noEmit", "--skipLibCheck",
        "--module", "nodenext", "--moduleResolution", "nodenext", "broken.ts",
    )  # fmt: skip
    broken.unlink()
    assert done.stdout.count("error TS") >= marks, done.stdout
