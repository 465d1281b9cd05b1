"""Remove the addresses from package-lock.json that npm writes for sponsors. Run by `make lock`."""

import json
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "package-lock.json"


def main() -> None:
    lock = json.loads(LOCK.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
