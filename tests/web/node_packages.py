"""Where npm has installed the packages that the tests of the web app use."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[2]


def file_of(name: str) -> Path:
    """A file of a package, as PACKAGE/PATH: of the workspace or the project, else in NODE_PATH."""
    more = os.environ.get("NODE_PATH", "").split(os.pathsep)
    places = [ROOT / "web" / "node_modules", ROOT / "node_modules", *map(Path, filter(None, more))]
    for place in places:
        if (place / name).is_file():
            return place / name
    raise FileNotFoundError(f"{name} is not installed: npm ci")
