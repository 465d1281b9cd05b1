"""Reads the files of a directory into memory, with their content types and compressed forms."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

MOST_BYTES = 64 * 1024 * 1024
"""Size of all files together, compressed forms included. Each process has them in memory."""

_CODINGS = {".br": "br", ".gz": "gzip"}
"""Endings of compressed forms, which stand beside their file: `app.js.br` beside `app.js`."""
_SOURCE_MAP = re.compile(r"\.map(\.br|\.gz)?$")

_MEDIA_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".gif": "image/gif",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "text/xml",
}
"""Not those of `mimetypes`, which differ from machine to machine."""
_OTHER_TYPE = "application/octet-stream"
_COMPRESSED = ("font/", "image/", "application/pdf", _OTHER_TYPE)
"""Beginnings of types that compression does not make smaller."""
_TEXT_IMAGE = "image/svg+xml"


class StaticFile(NamedTuple):
    """bodies: by content coding; the empty one is the file as it is. compressible: whether gzip pays."""

    media_type: str
    bodies: Mapping[str, bytes]
    compressible: bool


def read_files(directory: Path) -> dict[str, StaticFile]:
    """The files by path, such as `assets/app.js`. Source maps and hidden files are left out.

    Raises ValueError, with a text of one line, for a directory that is missing, unreadable or too large, and
    for a link that leads out of it.
    """
    try:
        bodies = _read(directory)
    except OSError as error:
        raise ValueError(f"{error.filename} cannot be read: {error.strerror}") from error
    coded = {
        name: (name.removesuffix(ending), coding)
        for ending, coding in _CODINGS.items()
        for name in bodies
        if name.endswith(ending) and name.removesuffix(ending) in bodies
    }
    forms = {name: {"": body} for name, body in bodies.items() if name not in coded}
    for name, (plain, coding) in coded.items():
        forms[plain][coding] = bodies[name]
    return {name: _file(name, of_name) for name, of_name in forms.items()}


def _file(name: str, bodies: Mapping[str, bytes]) -> StaticFile:
    media_type = _MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), _OTHER_TYPE)
    compressible = media_type == _TEXT_IMAGE or not media_type.startswith(_COMPRESSED)
    return StaticFile(media_type, bodies, compressible)


def _read(directory: Path) -> dict[str, bytes]:
    if not directory.is_dir():
        raise ValueError(f"{directory} is not a directory")
    root = directory.resolve()
    bodies: dict[str, bytes] = {}
    left = MOST_BYTES
    for path in _paths(root):
        target = path.resolve()
        if not (target.is_relative_to(root) and target.is_file()):
            raise ValueError(f"{path} is not a file inside {directory}")
        left -= target.stat().st_size
        if left < 0:
            raise ValueError(f"{directory} has more than {MOST_BYTES >> 20} MiB of files")
        bodies[path.relative_to(root).as_posix()] = target.read_bytes()
    return bodies


def _paths(root: Path) -> Iterator[Path]:
    """The files below a directory, and links to directories, which are not followed."""
    for folder, folders, names in os.walk(root, onerror=_raise):
        folders[:] = [name for name in folders if _is_served(name)]
        links = [name for name in folders if Path(folder, name).is_symlink()]
        yield from (Path(folder, name) for name in links + names if _is_served(name))


def _is_served(name: str) -> bool:
    """False for hidden files and source maps. RFC 8615 defines `.well-known`."""
    return name == ".well-known" or not (name.startswith(".") or _SOURCE_MAP.search(name))


def _raise(error: OSError) -> None:
    raise error
