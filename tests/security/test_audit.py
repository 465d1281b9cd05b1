"""`make audit`, against a database of vulnerabilities that answers as OSV does."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.engine import closed_port

ROOT = Path(__file__).parents[2]
SKIPPED = "dependency audit skipped: the database cannot be reached\n"


def advisory(name: str, fixed: str) -> dict[str, Any]:
    """What OSV says of a package with a vulnerability."""
    return {
        "id": "GHSA-xxxx-yyyy-zzzz",
        "aliases": ["CVE-2026-0001"],
        "summary": "Reads what it should not.",
        "affected": [
            {
                "package": {"name": name, "ecosystem": "PyPI"},
                "ranges": [
                    {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}
                ],
            }
        ],
    }


@contextmanager
def database(known: Mapping[str, Any], status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Its URL, and the names and versions that it is asked for. known: package to advisory."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["content-length"])))
            name = query["package"]["name"]
            asked.append(f"{name}=={query['version']}")
            body = json.dumps({"vulns": [known[name]]} if name in known else {}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def audit(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / "audit.py"), "--osv-url", url, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_vulnerable_version_fails_and_is_named() -> None:
    """With what it is called and where it is fixed."""
    with database({"protobuf": advisory("protobuf", "99.1")}) as (url, _):
        done = audit(url)
    assert done.returncode == 1, done.stderr
    [line] = done.stdout.splitlines()
    assert line.startswith("protobuf ")
    assert line.endswith(": CVE-2026-0001, GHSA-xxxx-yyyy-zzzz; fixed in 99.1")


def test_every_package_of_the_lock_file_is_asked_for() -> None:
    """In the version that is deployed."""
    with database({}) as (url, asked):
        done = audit(url)
    assert (done.returncode, done.stderr) == (0, "")
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    pins = [line.split()[0] for line in lock.splitlines() if line[:1].isalnum()]
    assert done.stdout == f"dependency audit: nothing known of {len(pins)} packages\n"
    assert sorted(asked) == sorted(pins)


@pytest.mark.slow
def test_database_out_of_reach_is_said_and_fails_nothing() -> None:
    """Nobody listens, or a proxy answers for it."""
    with closed_port() as port:
        done = audit(f"http://127.0.0.1:{port}/v1/query")
    assert (done.returncode, done.stdout, done.stderr) == (0, SKIPPED, "")
    for status in (403, 503):
        with database({}, status) as (url, asked):
            done = audit(url)
        assert (done.returncode, done.stdout, done.stderr) == (0, SKIPPED, "")
        assert len(asked) == 1


@pytest.mark.slow
def test_lock_file_that_cannot_be_audited_fails(tmp_path: Path) -> None:
    """One without hashes, one that is not there: it is not taken for a database out of reach."""
    unlocked = tmp_path / "unlocked.txt"
    unlocked.write_text("protobuf==7.36.0\n")
    with database({}) as (url, asked):
        for path in (unlocked, tmp_path / "missing.txt"):
            done = audit(url, "--requirements", str(path))
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith("dependency audit failed: ")
            assert len(done.stderr.splitlines()) == 1
    assert asked == []
