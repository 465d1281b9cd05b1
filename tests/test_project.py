"""The project's own files keep the promises that other files and people rely on."""

import importlib.metadata
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent


def project_files() -> list[Path]:
    """Every text file of the project that git would take."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name and not name.endswith(".binpb")]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("name", ["runtime", "dev", "web"])
def test_lock_file_names_no_host_and_hashes_everything(name: str) -> None:
    """Lock files install from any index: they hold versions and hashes, no address and no path."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    assert not re.search(r"://|^-|^[./]", text, re.MULTILINE)
    pins = re.split(r"\n(?=[a-z])", text)[1:]
    assert pins
    assert all(re.match(r"[\w.-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)


def test_runtime_lock_agrees_with_dev_lock() -> None:
    """What is tested is what is deployed: both lock files pin the same versions."""
    runtime, dev = (
        set(re.findall(r"^[\w.-]+==\S+", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("runtime.txt", "dev.txt")
    )
    assert runtime <= dev


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2", "3.11.9", "3.12.0", "3.13.0", "3.14.0"])
@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_lock_file_is_whole_for_every_python(name: str, python: str) -> None:
    """Debian 12 has 3.11.2: what a package needs only there is locked as well."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    locked = {canonicalize_name(each) for each in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    there = dict[str, str](**default_environment()) | {
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "extra": "",
    }
    needed = {
        canonicalize_name(requirement.name)
        for package in locked
        for requirement in map(Requirement, importlib.metadata.requires(package) or ())
        if requirement.marker is None or requirement.marker.evaluate(there)
    }
    assert needed <= locked


def test_no_file_names_a_home_directory() -> None:
    """Nothing in the project depends on where one person keeps it."""
    home = re.compile(r"(?<!\w)/(?:home|Users)/[a-z]|/root/")
    found = [path for path in project_files() if home.search(path.read_text(errors="replace"))]
    assert found in ([], [Path(__file__)])


def broken_links(page: Path) -> list[str]:
    """Links of a page to files that are not there, and to tests that are not in the file they name."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if re.match(r"[a-z]+:", link):
            continue
        named = f"def {anchor}(" if anchor.startswith("test_") else ""
        if not target.exists() or (named and named not in target.read_text()):
            broken.append(link)
    return broken


@pytest.mark.parametrize(
    "page",
    [path for path in project_files() if path.suffix == ".md"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_links_of_the_docs_lead_somewhere(page: Path) -> None:
    """To files that are there; and where a page says that a test shows something, to that test."""
    assert broken_links(page) == []


def test_every_make_target_is_documented() -> None:
    """`make` alone lists every target that a person may ask for."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    assert targets == set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    listed = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert targets == {line.split()[0] for line in listed.splitlines() if line.startswith("  ")}


def test_wheel_holds_the_program_the_migrations_and_the_generated_code(tmp_path: Path) -> None:
    """A wheel works on its own: both trees of the name howmuch are in it, and the migrations."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    expected = {
        path.relative_to(tree)
        for tree in (ROOT, ROOT / "gen" / "python")
        for path in (tree / "howmuch").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {path.relative_to(unpacked) for path in unpacked.glob("howmuch/**/*.*")} == expected
    script = "import howmuch.errors, howmuch.v1.expense_service_pb2_grpc as v1; print(v1.__file__)"
    command = [sys.executable, "-S", "-c", f"import sys; sys.path = sys.argv[1:]; {script}"]
    done = subprocess.run(
        [*command, str(unpacked), *[p for p in sys.path if not p.startswith(str(ROOT / "gen"))]],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(done.stdout.strip()).is_relative_to(unpacked)
