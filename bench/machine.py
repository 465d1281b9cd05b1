"""What is measured: a server program, its processor time, and a PostgreSQL database of its own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from howmuch.storage.database import Database
from tests.cli.program import Running, running
from tests.databases import migrated, new_postgres_url
from tests.ports import free_port

POSTGRES_URL = (
    os.environ.get("TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
)
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@contextmanager
def scratch_database() -> Iterator[tuple[str, Database]]:
    """The URL of a new, migrated database on PostgreSQL, and the database; dropped at the end."""
    with psycopg.connect(POSTGRES_URL) as server:
        settings = {name: _show(server, name) for name in ("fsync", "synchronous_commit")}
    if set(settings.values()) != {"on"}:
        raise SystemExit(f"{POSTGRES_URL} does not commit durably: {settings}; measure another one")
    with new_postgres_url(POSTGRES_URL) as url:
        for database in migrated(url):
            yield url, database


def _show(server: psycopg.Connection, name: str) -> str:
    return str(server.execute("SELECT current_setting(%s)", [name]).fetchall()[0][0])


@contextmanager
def server(url: str, *arguments: str, workers: int = 1) -> Iterator[Running]:
    """The server program over a database, with its settings as they come, logging to a file."""
    with ExitStack() as stack:
        directory = stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-"))
        where = ["--database-url", url, "--grpc-listen", f"127.0.0.1:{free_port()}"]
        log = Path(directory, "log")
        how = ["--workers", str(workers), "--log-format", "json"]
        try:
            yield stack.enter_context(running(log, *where, *how, *arguments))
        except Exception:
            print(log.read_text()[-4000:])
            raise


def cpu_seconds(pid: int) -> float:
    """Processor time, in user and system mode, that a process and its children have used."""
    ticks = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            # The name, in parentheses, may have spaces in it.
            stat = Path(entry, "stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        if int(entry.name) == pid or int(stat[1]) == pid:
            ticks += int(stat[11]) + int(stat[12])
    return ticks / _TICKS_PER_SECOND
