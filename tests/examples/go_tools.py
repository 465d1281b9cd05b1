"""Go, the two plugins that generate its code, and the packages that the code imports: those of Debian."""

import functools
import shutil
from pathlib import Path

from tests import services
from tests.postgres_server import CannotStartError

PACKAGES = (
    "golang-go",
    "golang-google-grpc-dev",
    # Of the two versions that Debian has, the one that generated code needs.
    "golang-github-golang-protobuf-1-5-dev",
    "protoc-gen-go",
    "protoc-gen-go-grpc",
)
PROGRAMS = ("go", "protoc-gen-go", "protoc-gen-go-grpc")
SOURCES = Path("/usr/share/gocode/src/google.golang.org")


def installed() -> bool:
    programs = all(shutil.which(name) for name in PROGRAMS)
    return programs and all((SOURCES / name).is_dir() for name in ("genproto", "grpc", "protobuf"))


@functools.cache
def provide() -> str:
    """Installs them where they are missing and root may. Why they are not there; empty: they are."""
    if not installed():
        try:
            services.install(*PACKAGES)
        except CannotStartError as error:
            return str(error)
    return ""
