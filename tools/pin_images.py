"""Pins the images of Dockerfile and compose.yaml by digest: `python tools/pin_images.py`.

Asks the registry of each image for the digest of its tag, with docker, crane or skopeo, and writes it behind
the tag: `python:3.11-slim@sha256:...`. An image that has a digest gets the present one of its tag. With
--check, only lists images without a digest, and exits with 1 if there is one.
"""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILES = ("Dockerfile", "compose.yaml")
LIMIT_SECONDS = 60

# `howmuch` is the image that is built here.
_IMAGE = re.compile(
    r"^(?P<before>FROM |    image: )(?P<tag>[^\s@]+:[^\s@]+)(?:@(?P<digest>\S+))?", re.MULTILINE
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def main() -> int:
    """Pins or checks; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="Change nothing.")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="DIRECTORY")
    arguments = parser.parse_args()
    files = [arguments.root / name for name in FILES]
    if arguments.check:
        missing = [f"{file.name}: {tag} has no digest" for file in files for tag in unpinned(file)]
        print("\n".join(missing), end="\n" if missing else "")
        return 1 if missing else 0
    try:
        for file in files:
            file.write_text(_IMAGE.sub(_pinned, file.read_text(encoding="utf-8")), encoding="utf-8")
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def unpinned(file: Path) -> Iterator[str]:
    """The images of a file without a digest."""
    for found in _IMAGE.finditer(file.read_text(encoding="utf-8")):
        if not _DIGEST.fullmatch(found["digest"] or ""):
            yield found["tag"]


def _pinned(found: re.Match[str]) -> str:
    return f"{found['before']}{found['tag']}@{_digest(found['tag'])}"


def _digest(image: str) -> str:
    """The digest of a tag, from its registry. RuntimeError if it cannot be had."""
    commands = (
        ["docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", image],
        ["crane", "digest", image],
        ["skopeo", "inspect", "--format", "{{.Digest}}", f"docker://{image}"],
    )
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
        digest = done.stdout.strip()
        if done.returncode == 0 and _DIGEST.fullmatch(digest):
            return digest
        raise RuntimeError(f"{command[0]} found no digest of {image}: {done.stderr.strip()}")
    raise RuntimeError("docker, crane or skopeo is needed to ask a registry for digests")


if __name__ == "__main__":
    sys.exit(main())
