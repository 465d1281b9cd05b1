"""The composition root: builds the parts out of settings, and runs them in order."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from howmuch.app.gateway import HttpGateway, PrivateSocket
from howmuch.app.parts import (
    GrpcListener,
    Maintenance,
    Migrations,
    OpenDatabase,
    make_data_dir,
    no_answer,
)
from howmuch.app.worker import MailWorker, MetricsListener, dead_letters, mail_directory
from howmuch.config import Settings, from_json, mask_url, to_json
from howmuch.lifecycle import Component, Lifecycle, StartError
from howmuch.logs import configure_logging
from howmuch.supervisor import Workers

__all__ = [
    "Running",
    "dead_letters",
    "make_data_dir",
    "no_answer",
    "run",
    "run_gateway",
    "run_mail_worker",
    "run_worker",
]

log = structlog.get_logger()

GC_THRESHOLD = 20_000
"""New objects between two collections of the youngest; Python's own value is 700."""

Role = Literal["all", "grpc"]
"""What a serving process has: everything, or no gateway."""


@dataclass(frozen=True, slots=True)
class Running:
    """What runs: pairs of a name and an address, and the database's URL without its password.

    An address is HOST:PORT, such as `127.0.0.1:50051` of `gRPC`, or a URL, of `REST`. mail: where mails go.
    """

    addresses: Sequence[tuple[str, str]]
    database: str = ""
    mail: str = ""


def run(
    settings: Settings,
    role: Role,
    *,
    upgrade_embedded: bool,
    on_ready: Callable[[Running], None],
) -> None:
    """Runs everything until a signal; `on_ready` is called once the server accepts calls.

    Raises StartError, whose text is one line.
    """
    configure_logging(settings.log.level, settings.log.format)
    migrations = Migrations(settings, upgrade_embedded=upgrade_embedded)
    parts, addresses = _workers(settings, role) if settings.workers > 1 else _parts(settings, role)
    database = mask_url(settings.database.url.get_secret_value())
    mail = _mail(settings) if role == "all" else ""
    _lifecycle([migrations, *parts], settings).run(
        lambda: _ready(lambda: on_ready(Running(addresses(), database, mail)))
    )


def run_mail_worker(settings: Settings, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the mail worker alone until a signal. Raises StartError, whose text is one line."""
    configure_logging(settings.log.level, settings.log.format)
    migrations = Migrations(settings, upgrade_embedded=False)
    opened = OpenDatabase(settings)
    database = mask_url(settings.database.url.get_secret_value())
    running = Running([], database, _mail(settings))
    _lifecycle([migrations, opened, *_mail_parts(settings, opened)], settings).run(
        lambda: _ready(lambda: on_ready(running))
    )


def run_gateway(settings: Settings, *, on_ready: Callable[[Running], None]) -> None:
    """Runs the gateway alone until a signal. Raises StartError, whose text is one line."""
    configure_logging(settings.log.level, settings.log.format)
    gateway = HttpGateway(settings, settings.http.upstream)

    def tell() -> None:
        on_ready(Running([*_web(gateway.address), ("gRPC", settings.http.upstream)]))

    _lifecycle([gateway], settings).run(lambda: _ready(tell))


def run_worker() -> None:
    """The program of one of several workers; howmuch.supervisor says what it reads and writes."""
    role: Role = "all" if sys.argv[1] == "all" else "grpc"
    settings = from_json(sys.stdin.readline())
    configure_logging(settings.log.level, settings.log.format)
    threading.Thread(target=_stop_when_alone, name="parent-watch", daemon=True).start()
    parts, _ = _parts(settings, role, reuse_port=True)
    try:
        _lifecycle(parts, settings).run(lambda: _ready(_tell_parent))
    except StartError as error:
        log.error(str(error))
        sys.exit(1)


Addresses = Callable[[], Sequence[tuple[str, str]]]
"""Asked once everything runs: only then are ports known."""


def _workers(settings: Settings, role: Role) -> tuple[Sequence[Component], Addresses]:
    """The parent of several workers, which must not load gRPC."""
    command = (sys.executable, "-P", "-c", "from howmuch.app import run_worker; run_worker()", role)
    shared = [settings.grpc.listen, *([settings.http.listen] if role == "all" else [])]
    workers = Workers(command, to_json(settings), count=settings.workers, addresses=shared)
    if role == "grpc":
        return [workers], lambda: [("gRPC", settings.grpc.listen)]
    # The parent serves nothing, and so has time for mails.
    opened = OpenDatabase(settings)
    return (
        [opened, *_mail_parts(settings, opened), workers],
        lambda: [*_web(settings.http.listen), ("gRPC", settings.grpc.listen)],
    )


def _parts(
    settings: Settings, role: Role, *, reuse_port: bool = False
) -> tuple[Sequence[Component], Addresses]:
    """What one serving process consists of, in the order of the start."""
    opened = OpenDatabase(settings)
    parts: list[Component] = [opened, Maintenance(opened)]
    if role == "grpc":
        grpc = GrpcListener(settings, opened, reuse_port=reuse_port)
        return [*parts, grpc], lambda: [("gRPC", grpc.address)]
    private = PrivateSocket()
    grpc = GrpcListener(settings, opened, reuse_port=reuse_port, private=private)
    gateway = HttpGateway(settings, private, reuse_port=reuse_port)
    if not reuse_port:
        parts += _mail_parts(settings, opened)
    return (
        [*parts, private, grpc, gateway],
        lambda: [*_web(gateway.address), ("gRPC", grpc.address)],
    )


def _mail_parts(settings: Settings, opened: OpenDatabase) -> list[Component]:
    return [MetricsListener(settings, opened), MailWorker(settings, opened)]


def _mail(settings: Settings) -> str:
    """Where mails go, for people."""
    smtp = settings.mail.smtp
    return f"smtp://{smtp.host}:{smtp.port}" if smtp.host else str(mail_directory(settings))


def _web(address: str) -> list[tuple[str, str]]:
    return [("REST", f"http://{address}"), ("Docs", f"http://{address}/docs")]


def _lifecycle(parts: Sequence[Component], settings: Settings) -> Lifecycle:
    return Lifecycle(parts, shutdown_timeout_seconds=settings.shutdown_timeout_seconds)


def _ready(tell: Callable[[], None]) -> None:
    """Everything that lives as long as the process is there now: the garbage collector may pass it over.

    A list of a hundred messages makes thousands of objects at once, and at the usual threshold the
    collector would look through them several times for cycles that they do not have.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
    tell()


def _tell_parent() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _stop_when_alone() -> None:
    # Not through sys.stdin: its lock, held by this thread, would break the end of the interpreter.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
