"""Everything about howmuch beside its peer; `make bench-peers` installs the peer first.

Run: python -m bench.peers [rates] [behaviour]
"""

import argparse
import asyncio
from importlib.metadata import distributions

from bench.peers import behaviour, ihatemoney, ours, rates

PARTS = ("rates", "behaviour")


def peer_version() -> str:
    """What is measured."""
    found = distributions(
        name="ihatemoney", path=[str(path) for path in ihatemoney.VENV.glob("lib/*/site-packages")]
    )
    return next((each.version for each in found), "of no known version")


def main() -> None:
    """Both services run all the time and take turns."""
    parser = argparse.ArgumentParser(prog="bench.peers", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; default: both")
    parts = parser.parse_args().part or PARTS
    if unknown := set(parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    with ihatemoney.serving() as peer, ours.serving() as howmuch:
        print(f"{ihatemoney.NAME} {peer_version()} on gunicorn, howmuch run; PostgreSQL")
        if "rates" in parts:
            rates.compare(peer, howmuch)
        if "behaviour" in parts:
            asyncio.run(behaviour.compare(peer, howmuch))


if __name__ == "__main__":
    main()
