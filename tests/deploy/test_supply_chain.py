"""Where the parts of a release come from: the bill of materials, and images by digest."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DIGEST = f"sha256:{'0123456789abcdef' * 4}"


@pytest.mark.slow
def test_bill_of_materials_has_every_locked_package(tmp_path: Path) -> None:
    """With version and hashes, as the lock file of the image has them."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    [recipe] = re.findall(r"-m cyclonedx_py (.*)--output-file", makefile)
    target = tmp_path / "sbom.json"
    command = [sys.executable, "-W", "ignore", "-m", "cyclonedx_py", *recipe.split()]
    subprocess.run([*command, "--output-file", target], cwd=ROOT, check=True)
    document = json.loads(target.read_text())
    assert document["bomFormat"] == "CycloneDX"
    assert document["metadata"]["component"]["name"] == "howmuch"
    locked = dict(
        re.findall(
            r"^([\w.-]+)==(\S+)", (ROOT / "requirements" / "runtime.txt").read_text(), re.MULTILINE
        )
    )
    assert {each["name"]: each["version"] for each in document["components"]} == locked
    for each in document["components"]:
        assert each["externalReferences"][0]["hashes"], each["name"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A directory with the files that name images."""
    for name in ("Dockerfile", "compose.yaml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    return tmp_path


def pin(root: Path, *arguments: str, path: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "pin_images.py", "--root", root, *arguments],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def registry(directory: Path, answer: str) -> str:
    """A PATH with a `crane` that answers."""
    directory.mkdir()
    program = directory / "crane"
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)
    return str(directory)


def test_images_are_pinned_by_the_digests_of_the_registry(copy: Path, tmp_path: Path) -> None:
    """Each image keeps its tag; the one that is built here has no digest; a second run changes nothing."""
    path = registry(tmp_path / "bin", f"echo {DIGEST}")
    before = pin(copy, "--check", path=path)
    assert before.returncode == 1
    assert "Dockerfile: python:3.11-slim has no digest" in before.stdout
    assert "compose.yaml: postgres:17 has no digest" in before.stdout
    assert pin(copy, path=path).returncode == 0
    pinned = {name: (copy / name).read_text() for name in ("Dockerfile", "compose.yaml")}
    assert pinned["Dockerfile"].count(f"FROM python:3.11-slim@{DIGEST}") == 2
    assert f"image: quay.io/coreos/etcd:v3.5.21@{DIGEST}\n" in pinned["compose.yaml"]
    assert "image: howmuch\n" in pinned["compose.yaml"]
    assert pin(copy, "--check", path=path).stdout == ""
    assert pin(copy, path=path).returncode == 0
    assert pinned == {name: (copy / name).read_text() for name in pinned}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo not-a-digest", "crane found no digest of python:3.11-slim"),
        ("echo down >&2; exit 1", "down"),
        (None, "docker, crane or skopeo is needed"),
    ],
    ids=["nonsense", "failure", "no program"],
)
def test_digest_that_cannot_be_had_is_not_made_up(
    copy: Path, tmp_path: Path, answer: str | None, message: str
) -> None:
    """The files stay as they are, and the reason is told."""
    path = registry(tmp_path / "bin", answer) if answer else str(tmp_path / "nothing")
    done = pin(copy, path=path)
    assert done.returncode == 1
    assert message in done.stderr
    assert (copy / "Dockerfile").read_text() == (ROOT / "Dockerfile").read_text()
