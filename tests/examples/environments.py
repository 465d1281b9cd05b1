"""Environments of Python in which a wheel is installed with what it declares, and nothing else is."""

import os
import subprocess
import sys
import venv
from importlib.metadata import distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def build_wheel(project: Path, directory: Path) -> Path:
    """The wheel of a project of this repository."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    done(*build, "--outdir", str(directory), str(project))
    [wheel] = directory.glob("*.whl")
    return wheel


def programs() -> dict[str, str]:
    """The environment of commands: the programs of this one first, and nothing on the path of Python."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def done(*command: str, cwd: Path = ROOT) -> str:
    """What a command prints, which has to succeed."""
    ended = subprocess.run(
        command, cwd=cwd, env=programs(), capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


class Environment:
    """A new environment. python: its interpreter."""

    def __init__(self, directory: Path) -> None:
        venv.create(directory, with_pip=False)
        self.python = str(directory / "bin" / "python")
        self._directory = directory
        [self._packages] = directory.glob("lib/python*/site-packages")

    def install(self, wheel: Path) -> None:
        """The wheel alone."""
        pip = [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet"]
        done(*pip, "--no-deps", "--no-index", str(wheel))

    def install_dependencies(self, name: str, extra: str = "") -> None:
        """What an installed wheel declares, out of the environment of the tests, as links."""
        where = "import importlib.metadata as m, sys; print(*m.requires(sys.argv[1]), sep='\\n')"
        declared = self.run("-c", where, name).splitlines()
        for needed in _closure(declared, extra):
            for file in distribution(needed).files or ():
                link = self._packages / file
                if ".." not in file.parts and "__pycache__" not in file.parts:
                    link.parent.mkdir(parents=True, exist_ok=True)
                    if not link.exists():
                        link.symlink_to(Path(str(file.locate())))

    def run(self, *arguments: str) -> str:
        """What its Python prints, which has to succeed."""
        return done(self.python, *arguments, cwd=self._directory)


def _closure(declared: list[str], extra: str) -> set[str]:
    """The names of distributions that are needed, and needed by those."""
    waiting = [needed for needed in map(Requirement, declared) if _applies(needed, extra)]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop().name
        if name not in seen:
            seen.add(name)
            more = map(Requirement, requires(name) or ())
            waiting += [needed for needed in more if _applies(needed, "")]
    return seen


def _applies(needed: Requirement, extra: str) -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": extra})
