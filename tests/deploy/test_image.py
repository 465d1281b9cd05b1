"""The image, as far as it can be tried without an engine: its file, its steps, its composition."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from howmuch.config import load
from tests.cli.program import environment

ROOT = Path(__file__).parents[2]
IGNORED = ("__pycache__", "dist", "node_modules", "web_app")
"""Directories that `.dockerignore` keeps out of the image."""


def test_the_dockerfile_is_clean() -> None:
    """Hadolint has nothing to say."""
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(
        [hadolint, ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def steps() -> list[str]:
    """The commands of the first stage."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    build = text.split("\nFROM ")[1]
    return re.findall(r"^RUN (.+)$", build, re.MULTILINE)


def copied() -> list[str]:
    """What the first stage copies, relative to the root of the project."""
    build = (ROOT / "Dockerfile").read_text().split("\nFROM ")[1]
    return [
        name
        for line in re.findall(r"^COPY (.+)$", build, re.MULTILINE)
        for name in line.split()[:-1]
    ]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_its_steps_make_a_program_that_runs(tmp_path: Path) -> None:
    """In a directory of the test's own, from nothing but what the image gets."""
    source, target = tmp_path / "src", tmp_path / "opt"
    for name in copied():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns(*IGNORED))
        else:
            shutil.copy(ROOT / name, source / name)
    for step in steps():
        command = step.replace("/opt/", f"{target}/")
        command = re.sub(r"^python |(?<=&& )python ", f"{sys.executable} ", command)
        done = subprocess.run(
            ["sh", "-ec", command], cwd=source, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert list(target.glob("howmuch/lib/python*/site-packages/howmuch/web_app/index.html"))
    program = target / "howmuch" / "bin" / "howmuch"
    for arguments, expected in (
        (["version"], "howmuch"),
        (["db", "upgrade"], "upgraded"),
        (["mail", "preview", "digest", "--locale", "fr"], "howmuch"),
        (["openapi"], "openapi"),
    ):
        variables = {**environment(), "HOWMUCH_DATA_DIR": str(tmp_path / "data")}
        variables.pop("PYTHONPATH", None)
        done = subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout


def test_what_the_image_copies_is_not_ignored() -> None:
    """`.dockerignore` keeps out all that it does not name."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    named = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    for name in copied():
        assert {name, *map(str, Path(name).parents)} & named, name
    assert {line.rpartition("/")[2] for line in lines[1:] if line[0] != "!"} == set(IGNORED)


def test_compose_sets_only_what_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every variable is a setting, and what a service waits for is there."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    monkeypatch.chdir(tmp_path)
    configured = set()
    for service_name, service in services.items():
        assert set(service.get("depends_on", [])) <= set(services)
        variables = service.get("environment", {})
        ours = {name: value for name, value in variables.items() if name.startswith("HOWMUCH_")}
        with monkeypatch.context() as patched:
            for name in list(os.environ):
                if name.startswith("HOWMUCH_"):
                    patched.delenv(name)
            for name, value in ours.items():
                patched.setenv(name, str(value))
            # Where etcd is, is a setting; that it answers there is not seen from here.
            load({"etcd.endpoints": ""})
        if ours:
            configured.add(service_name)
    assert configured >= {"migrate", "serve", "gateway", "worker"}
