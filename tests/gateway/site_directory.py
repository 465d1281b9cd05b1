"""A small built web app: a directory as Vite writes it."""

import gzip
from pathlib import Path

PAGE = (
    b'<!doctype html><title>App</title><script type="module" src="/assets/app-1a2b3c.js"></script>'
)
SCRIPT = b"console.log('app');\n" * 200
WORKER = b"self.addEventListener('fetch', () => {});\n"
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(2000)
BROTLI = b"not brotli: the gateway sends it as it is"

FILES = {
    "index.html": PAGE,
    "sw.js": WORKER,
    "manifest.webmanifest": b'{"name": "App"}',
    "robots.txt": b"User-agent: *\n",
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "icon.png": IMAGE,
    "favicon.ico": b"icon",
    ".well-known/assetlinks.json": b"[]",
    "assets/app-1a2b3c.js": SCRIPT,
    "assets/app-1a2b3c.js.br": BROTLI,
    "assets/app-1a2b3c.js.gz": gzip.compress(SCRIPT, mtime=0),
    "assets/app-1a2b3c.js.map": b"{}",
    "assets/app-1a2b3c.js.map.gz": b"{}",
    "assets/late-4d5e6f.js": SCRIPT + b"// late",
    "assets/style-7a8b9c.css": b"body { margin: 0 }\n" * 100,
    "assets/text-aabbcc.woff2": b"wOF2" + bytes(2000),
    ".hidden": b"secret",
    ".git/config": b"secret",
}


def build_site(directory: Path) -> Path:
    """Writes the files, and returns the directory."""
    for name, content in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory
