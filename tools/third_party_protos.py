"""Copy the .proto files that ours import out of the installed googleapis-common-protos.

Usage: third_party_protos.py DIRECTORY

The locked wheel is the source, so that `make gen` needs no schema registry and no network.
"""

import shutil
import sys
from importlib.metadata import files
from pathlib import Path

PACKAGES = ("google/api/", "google/rpc/", "google/type/")


def main(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    for file in files("googleapis-common-protos") or ():
        name = file.as_posix()
        if name.startswith(PACKAGES) and name.endswith(".proto"):
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
