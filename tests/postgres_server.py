"""A PostgreSQL of one's own, which may be killed and started again on the same data."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.ports import free_port

START_SECONDS = 60


class CannotStartError(Exception):
    """The programs of a server are not here, or did not come up; the text says why."""


def unix_user() -> str | None:
    """Whom to run servers as: PostgreSQL refuses root. None: as the one who runs the tests."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres").pw_name
    return "nobody"


@contextmanager
def server_directory() -> Iterator[Path]:
    """A temporary directory of that user, who may not enter those of pytest."""
    with tempfile.TemporaryDirectory(prefix="howmuch-tests-") as name:
        if (user := unix_user()) is not None:
            shutil.chown(name, user)
        yield Path(name)


def programs() -> Path | None:
    """The directory of the newest installed initdb and postgres."""
    on_path = shutil.which("initdb")
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: int(path.parts[4]), default=on_path and Path(on_path))
    return newest.resolve().parent if newest else None


def answers(url: str) -> bool:
    """Whether a PostgreSQL lets this user in there."""
    try:
        with psycopg.connect(url, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


class PostgresServer:
    """Its data is in `directory`, which `unix_user` owns; its port stays the same."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._data = directory / "data"
        self._port = free_port()
        self.host = f"127.0.0.1:{self._port}"
        self.url = f"postgresql://postgres@{self.host}/postgres"
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Makes the data where there is none, and returns before the server answers."""
        found = programs()
        if found is None:
            raise CannotStartError("initdb and postgres are not installed")
        log = self._directory / "log"
        with log.open("ab") as output:
            if not self._data.exists():
                self._make_data(found, log)
            # Nothing here outlives the tests, so it need not survive a crash of the machine.
            fast = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300"]
            where = ["-p", str(self._port), "-h", "127.0.0.1", "-k", ""]
            self.process = subprocess.Popen(
                [found / "postgres", "-D", self._data, *where, *fast],
                user=unix_user(),
                cwd=self._directory,
                stdout=output,
                stderr=output,
            )

    def _make_data(self, found: Path, log: Path) -> None:
        how = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        with log.open("ab") as output:
            done = subprocess.run(
                [found / "initdb", "--pgdata", self._data, *how],
                user=unix_user(),
                cwd=self._directory,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise CannotStartError(f"initdb failed: {log.read_text()[-500:]}")

    def copy_to(self, directory: Path) -> "PostgresServer":
        """A standby that streams from this one, started. directory: as that of a server."""
        found, standby = programs(), PostgresServer(directory)
        assert found is not None
        how = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        subprocess.run(
            [found / "pg_basebackup", "--dbname", self.url, "--pgdata", standby._data, *how],
            user=unix_user(),
            cwd=directory,
            check=True,
            capture_output=True,
        )
        standby.start()
        return standby

    def start(self) -> None:
        """Returns once it answers."""
        self.launch()
        give_up_at = time.monotonic() + START_SECONDS
        while not answers(self.url):
            assert time.monotonic() < give_up_at, (self._directory / "log").read_text()[-1000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """At once, with every connection, and without a last checkpoint."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
            self.process = None
