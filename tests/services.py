"""The servers that tests use: one that answers already, or a throwaway one that ends with them.

Each row of SERVICES is one kind of server. Its URL comes from the row's environment variable. Where
nothing answers there, `start` runs installed programs on a free port in a temporary directory; root
may install them with apt-get. Where that fails too, the variable is left empty, and the tests that
need the server are skipped.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from tests import brokers, etcd_server, postgres_server, redis_server
from tests.ports import free_port
from tests.postgres_server import CannotStartError, server_directory, unix_user

START_SECONDS = 60
PGBOUNCER_POOL_SIZE = 4
# Where Debian puts servers is not on everybody's path.
SYSTEM_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"
APT = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-qq", "-y", "--no-install-recommends"]


@dataclass(frozen=True)
class Service:
    """One kind of server: where it is looked for, and how it is started where it is not there."""

    name: str
    variable: str
    default_url: str
    apt_package: str
    answers: Callable[[str], bool]
    """Whether a server answers at this URL."""
    installed: Callable[[], bool]
    start: Callable[[Path], tuple[str, subprocess.Popen[bytes]]]
    """Start the server in this empty directory, owned by `unix_user`; its URL and its process."""


def start_postgres(directory: Path) -> tuple[str, subprocess.Popen[bytes]]:
    server = postgres_server.PostgresServer(directory)
    server.launch()
    assert server.process is not None
    return server.url, server.process


def chromedriver_answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(
            f"{url}/status", timeout=5
        ) as answer:  # an http:// of this host
            return bool(json.load(answer)["value"]["ready"])
    except (OSError, ValueError, KeyError):
        return False


def start_chromedriver(directory: Path) -> tuple[str, subprocess.Popen[bytes]]:
    port = free_port()
    with (directory / "log").open("wb") as output:
        server = subprocess.Popen(
            ["chromedriver", f"--port={port}"], cwd=directory, stdout=output, stderr=output
        )
    return f"http://127.0.0.1:{port}", server


def start_rabbitmq(directory: Path) -> tuple[str, subprocess.Popen[bytes]]:
    node = brokers.Node(directory)
    node.start()
    assert node.process is not None
    os.environ[brokers.CONTROL] = json.dumps(node.environment)
    return node.url(), node.process


Start = Callable[[Path], tuple[str, subprocess.Popen[bytes]]]


def start_of(kind: type[redis_server.RedisServer | etcd_server.EtcdServer]) -> Start:
    """How a server is started of which the tests also have some of their own."""

    def start(directory: Path) -> tuple[str, subprocess.Popen[bytes]]:
        server = kind(directory)
        server.start()
        assert server.process is not None
        return server.url, server.process

    return start


def start_pgbouncer(directory: Path, url: str = "") -> tuple[str, subprocess.Popen[bytes]]:
    """Before a PostgreSQL, with fewer connections than a server has threads. url: empty means the tests'."""
    behind = conninfo_to_dict(url or os.environ["TEST_POSTGRES_URL"])
    port, config = free_port(), directory / "pgbouncer.ini"
    names = ("host", "port", "user", "password")
    server = " ".join(f"{name}={behind[name]}" for name in names if name in behind)
    config.write_text(
        f"""[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {PGBOUNCER_POOL_SIZE}
max_client_conn = 1000
query_wait_timeout = 5
server_login_retry = 1
"""
    )
    with (directory / "log").open("wb") as output:
        process = subprocess.Popen(
            [shutil.which("pgbouncer", path=SYSTEM_PATH) or "pgbouncer", config],
            user=unix_user(),
            cwd=directory,
            stdout=output,
            stderr=output,
        )
    return f"postgresql://postgres@127.0.0.1:{port}/postgres", process


SERVICES = (
    Service(
        name="PostgreSQL",
        variable="TEST_POSTGRES_URL",
        default_url="postgresql://postgres@127.0.0.1:5432/postgres",
        apt_package="postgresql",
        answers=postgres_server.answers,
        installed=lambda: postgres_server.programs() is not None,
        start=start_postgres,
    ),
    # After PostgreSQL, which it stands before. Not one that runs already: who knows in which mode.
    Service(
        name="PgBouncer",
        variable="TEST_PGBOUNCER_URL",
        default_url="",
        apt_package="pgbouncer",
        answers=lambda url: bool(url) and postgres_server.answers(url),
        installed=lambda: shutil.which("pgbouncer", path=SYSTEM_PATH) is not None,
        start=start_pgbouncer,
    ),
    Service(
        name="Redis",
        variable="TEST_REDIS_URL",
        default_url="redis://127.0.0.1:6379/0",
        apt_package="redis-server",
        answers=redis_server.answers,
        installed=lambda: shutil.which("redis-server") is not None,
        start=start_of(redis_server.RedisServer),
    ),
    Service(
        name="etcd",
        variable="TEST_ETCD_URL",
        default_url="http://127.0.0.1:2379",
        apt_package="etcd-server",
        answers=etcd_server.answers,
        installed=etcd_server.installed,
        start=start_of(etcd_server.EtcdServer),
    ),
    Service(
        name="RabbitMQ",
        variable="TEST_RABBITMQ_URL",
        default_url="amqp://guest:guest@127.0.0.1:5672/%2F",
        apt_package="rabbitmq-server",
        answers=brokers.usable,
        installed=brokers.installed,
        start=start_rabbitmq,
    ),
    Service(
        name="Chromium",
        variable="TEST_CHROMEDRIVER_URL",
        default_url="http://127.0.0.1:9515",
        apt_package="chromium-driver",
        answers=chromedriver_answers,
        installed=lambda: shutil.which("chromedriver") is not None,
        start=start_chromedriver,
    ),
)


def install(*packages: str) -> None:
    """Install packages of Debian where root may. Raises CannotStartError."""
    names = ", ".join(packages)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise CannotStartError(f"{names}: not installed")
    sys.stderr.write(f"Installing {names} for the tests, with apt-get ...\n")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*APT, "update"], env=quiet, capture_output=True, check=False)
    command = [*APT, "install", *packages]
    done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotStartError(f"apt-get could not install it: {done.stderr[-500:]}")


@contextmanager
def throwaway(service: Service) -> Iterator[str]:
    """A server of its own, in a temporary directory; yields its URL once it answers."""
    if not service.installed():
        # Its package's own server is not what the tests use.
        install(service.apt_package)
    with server_directory() as directory:
        url, server = service.start(directory)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not service.answers(url):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise CannotStartError(f"it did not come up: {log_tail(directory)}")
                time.sleep(0.05)
            yield url
        finally:
            # To PostgreSQL this is the stop that does not wait for clients.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def log_tail(directory: Path) -> str:
    return (directory / "log").read_text(errors="replace")[-500:]


def provide(running: ExitStack, names: Collection[str] = ()) -> dict[str, str]:
    """Put the URL of every service into its variable; those that could not be had, and why.

    The servers that this starts end when `running` closes. names: of the services; empty: all.
    """
    missing = {}
    for service in SERVICES:
        if names and service.name not in names:
            continue
        url = os.environ.get(service.variable) or service.default_url
        if not service.answers(url):
            try:
                url = running.enter_context(throwaway(service))
            except CannotStartError as error:
                url, missing[service.name] = "", str(error)
        os.environ[service.variable] = url
    return missing
