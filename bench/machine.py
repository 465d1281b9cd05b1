"""What is measured: a server program, its processor time, and a PostgreSQL database of its own."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import psycopg

from howmuch.storage import migrate
from howmuch.storage.database import Database
from tests.cli.program import Running, running
from tests.databases import closing_database, new_postgres_url
from tests.ports import free_address

POSTGRES_URL = (
    os.environ.get("TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1:5432/postgres"
)


@contextmanager
def scratch_database() -> Iterator[tuple[str, Database]]:
    """The URL of a new, migrated database on PostgreSQL, and the database; dropped at the end."""
    require_durable_commits()
    with new_postgres_url(POSTGRES_URL, empty=True) as url:
        migrate.upgrade(url)
        with closing_database(url) as database:
            yield url, database


def require_durable_commits() -> None:
    """Ends the program where PostgreSQL does not commit durably: nothing is measured there."""
    with psycopg.connect(POSTGRES_URL) as server:
        settings = {name: _show(server, name) for name in ("fsync", "synchronous_commit")}
    if set(settings.values()) != {"on"}:
        raise SystemExit(f"{POSTGRES_URL} does not commit durably: {settings}; measure another one")


def _show(server: psycopg.Connection, name: str) -> str:
    return str(server.execute("SELECT current_setting(%s)", [name]).fetchall()[0][0])


@contextmanager
def server(
    url: str,
    *arguments: str,
    workers: int = 1,
    settings: Mapping[str, Any] | None = None,
    command: str = "run",
) -> Iterator[Running]:
    """The server program over a database, with its settings as they come but for these, logging to a file."""
    with ExitStack() as stack:
        directory = stack.enter_context(TemporaryDirectory(prefix="howmuch-bench-"))
        where = ["--database-url", url, "--grpc-listen", free_address()]
        log = Path(directory, "log")
        how = ["--workers", str(workers), "--log-format", "json"]
        if settings is not None:
            file = Path(directory, "howmuch.json")
            file.write_text(json.dumps(settings))
            how += ["--config", str(file)]
        try:
            yield stack.enter_context(running(log, *where, *how, *arguments, command=command))
        except Exception:
            print(log.read_text()[-4000:])
            raise


def cpu_seconds(pid: int) -> float:
    """Processor time, in user and system mode, that a process and its children have used."""
    times = [process.cpu_times() for process in _with_children(pid)]
    return float(sum(each.user + each.system for each in times))


def resources(pid: int) -> tuple[float, int, int]:
    """Resident memory in MiB, open files and threads of a process and its children, added up."""
    processes = _with_children(pid)
    memory = sum(process.memory_info().rss for process in processes)
    files = sum(process.num_fds() for process in processes)
    return memory / 2**20, files, sum(process.num_threads() for process in processes)


def _with_children(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children()]
