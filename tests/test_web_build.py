"""tools/build_web.py builds the web app, and a wheel has it. Programs of Node.js are fake here."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
INSTALL = "npm ci --workspace=web --include-workspace-root=false --omit=dev --ignore-scripts --prefer-offline"
BUILD = "npm run build --workspace=web"
NPM = """case "$1" in
    ci) rm -rf node_modules; mkdir node_modules; touch node_modules/.package-lock.json;;
    run) mkdir howmuch/web_app; touch howmuch/web_app/index.html;;
esac"""


class Checkout:
    """A checkout with a web app, and programs that write down how they are called."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "checkout"
        self.output = self.root / "howmuch" / "web_app"
        self.programs = self._found = directory / "programs"
        self._calls = directory / "calls"
        for made in (self.root / "tools", self.root / "howmuch", self.programs):
            made.mkdir(parents=True)
        shutil.copy(ROOT / "tools" / "build_web.py", self.root / "tools")
        (self.root / "package-lock.json").write_text("{}")
        self.program("node", "echo v24.1.0; exit")
        self.program("npm", NPM)

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f'#!/bin/sh\n{script}\necho "{name} $*" >> {self._calls}\n')
        path.chmod(0o755)

    def build(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, self.root / "tools" / "build_web.py"],
            env={**os.environ, "PATH": f"{self._found}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What was called since the last time."""
        lines = self._calls.read_text().splitlines()
        self._calls.unlink()
        return lines


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_packages_are_installed_once(checkout: Checkout) -> None:
    """Again when the lock file has changed."""
    assert checkout.build().returncode == 0
    assert checkout.calls() == [INSTALL, BUILD]
    assert checkout.build().returncode == 0
    assert checkout.calls() == [BUILD]
    lock, installed = checkout.root / "package-lock.json", checkout.root / "node_modules"
    later = (installed / ".package-lock.json").stat().st_mtime + 10
    os.utime(lock, (later, later))
    assert checkout.build().returncode == 0
    assert checkout.calls() == [INSTALL, BUILD]


def test_build_leaves_no_file_of_an_earlier_one(checkout: Checkout) -> None:
    (checkout.output / "assets").mkdir(parents=True)
    assert checkout.build().returncode == 0
    assert [path.name for path in checkout.output.iterdir()] == ["index.html"]


def test_build_that_fails_says_why(checkout: Checkout) -> None:
    """With the output of the command. It leaves nothing that looks built."""
    checkout.output.mkdir()
    (checkout.output / "index.html").touch()
    checkout.program("npm", 'test "$1" = run && echo "main.tsx: no such file" && exit 3')
    (checkout.root / "node_modules").mkdir()
    (checkout.root / "node_modules" / ".package-lock.json").touch()
    done = checkout.build()
    assert done.returncode == 1
    assert "main.tsx: no such file" in done.stderr
    assert f"`{BUILD}` ended with 3" in done.stderr
    assert not checkout.output.exists()


@pytest.mark.parametrize("version", ["v18.19.0", "v20.18.1", "nonsense"])
def test_old_node_is_replaced_by_that_of_the_package(checkout: Checkout, version: str) -> None:
    """Which is in build/node already."""
    checkout.program("node", f"echo {version}; exit")
    checkout.program("npm", "exit 9")
    package = checkout.root / "build" / "node"
    checkout.programs = package / "bin"
    checkout.programs.mkdir(parents=True)
    checkout.program("npm", NPM)
    (checkout.root / "requirements").mkdir()
    (checkout.root / "requirements" / "web.txt").touch()
    (package / ".ready").touch()
    done = checkout.build()
    assert (done.returncode, done.stderr) == (0, "")
    assert checkout.calls() == [INSTALL, BUILD]


@pytest.mark.slow
def test_node_of_the_package_is_installed_where_there_is_none(checkout: Checkout) -> None:
    """Both programs work. There is nothing to build here."""
    checkout.program("node", "echo v18.19.0; exit")
    (checkout.root / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "web.txt", checkout.root / "requirements")
    (checkout.root / "package-lock.json").unlink()
    done = checkout.build()
    assert done.stdout.startswith("Installing Node.js into build/node, once")
    assert "`npm ci" in done.stderr
    programs = checkout.root / "build" / "node" / "bin"
    for name in ("node", "npm"):
        command = [str(programs / name), "--version"]
        path = f"{programs}:{os.environ['PATH']}"
        shown = subprocess.run(
            command, env={**os.environ, "PATH": path}, check=True, capture_output=True, text=True
        )
        assert re.match(r"v?\d+\.\d+", shown.stdout)


def test_wheel_holds_the_web_app_that_was_built(tmp_path: Path) -> None:
    """Although git ignores it."""
    copy = tmp_path / "copy"
    (copy / "howmuch" / "web_app" / "assets").mkdir(parents=True)
    (copy / "gen" / "python" / "howmuch").mkdir(parents=True)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "howmuch/__init__.py"):
        shutil.copy(ROOT / name, copy / name)
    for name in ("index.html", "sw.js", "assets/app.js", "assets/app.js.br"):
        (copy / "howmuch" / "web_app" / name).write_text(name)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {name for name in names if "web_app" in name} == {
        f"howmuch/web_app/{name}"
        for name in ("index.html", "sw.js", "assets/app.js", "assets/app.js.br")
    }
