"""The program as it is deployed, with its neighbours: on PostgreSQL, and on SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import make_url

from tests.brokers import virtual_host
from tests.chaos import faults
from tests.chaos.cutter import Cutter
from tests.chaos.faults import Fault, Freeze, Kill, LockEvent, LockFile, Restart
from tests.chaos.programs import Program
from tests.databases import new_postgres_url, new_sqlite_url
from tests.mail_delivery.sink import Server, Sink
from tests.ports import free_address
from tests.redis_server import RedisServer

MANY = "100000 per minute"
# All that takes long by itself is short: what waits is the fault.
SETTINGS: dict[str, Any] = {
    "shutdown_timeout_seconds": 6,
    "grpc": {"threads": 8, "lame_duck_seconds": 0.3},
    "http": {"heartbeat_seconds": 1},
    "database": {"pool_size": 8},
    "mail": {"window_seconds": 1, "threads": 4},
    "broker": {"retry_delays_seconds": [1, 2]},
    "log": {"level": "warning"},
    "rate_limits": {"log_in_by_peer": MANY, "log_in_by_account": MANY},
}


@dataclass(frozen=True)
class World:
    """database_url: past all faults. targets: of gRPC. rest: base URL. broker_url: empty means no broker.

    Clients reach the servers through proxies.
    """

    database_url: str
    programs: Sequence[Program]
    targets: Sequence[str]
    rest: str
    sink: Sink
    faults: Sequence[Fault]
    broker_url: str = ""

    @property
    def target(self) -> str:
        """All servers, in gRPC's syntax."""
        return "ipv4:" + ",".join(self.targets)

    def lock(self, event_id: str) -> Fault:
        """The fault that holds up all writers of an event, or of the file."""
        url = make_url(self.database_url)
        if url.get_backend_name() == "sqlite":
            assert url.database is not None
            return LockFile(Path(url.database))
        return LockEvent(self.database_url, event_id)


def of_program(program: Program) -> list[Fault]:
    return [Kill(program), Restart(program), Freeze(program)]


@contextmanager
def on_postgres(server_url: str, rabbitmq_url: str, directory: Path) -> Iterator[World]:
    """`serve`, `run` and `worker`, with Redis and RabbitMQ; PostgreSQL is behind a proxy that cuts.

    rabbitmq_url: empty means no broker: the outbox is the queue.
    """
    with ExitStack() as stack:
        sink = _mail_server(stack)
        url = stack.enter_context(new_postgres_url(server_url))
        broker_url = stack.enter_context(virtual_host(rabbitmq_url)) if rabbitmq_url else ""
        cutter = Cutter(make_url(url).port or 5432)
        stack.callback(cutter.close)
        behind = make_url(url).set(host="127.0.0.1", port=cutter.port)
        redis = RedisServer(directory)
        redis.start()
        stack.callback(redis.kill)
        common = (
            *("--config", _config(directory, sink)),
            *("--database-url", behind.render_as_string(hide_password=False)),
        )
        with_redis = (*common, "--redis-url", redis.url)
        with_broker = ("--broker-url", broker_url) if broker_url else ()
        serve, run, rest = free_address(), free_address(), free_address()
        fronts = _fronts(stack, {"serve": serve, "run": run, "REST": rest})
        programs = [
            Program("serve", (*with_redis, "--grpc-listen", serve), directory),
            Program(
                "run",
                (*with_redis, *with_broker, "--grpc-listen", run, "--http-listen", rest),
                directory,
            ),
            Program("worker", (*common, *with_broker), directory),
        ]
        _start(stack, programs)
        yield World(
            database_url=url,
            programs=programs,
            targets=[_address(fronts[name]) for name in ("serve", "run")],
            rest=f"http://{_address(fronts['REST'])}",
            sink=sink,
            broker_url=broker_url,
            faults=[
                *(fault for program in programs for fault in of_program(program)),
                *faults.database_connections(cutter, url),
                *(each for front in fronts.items() for each in faults.client_connections(*front)),
                *faults.redis(redis),
                *(faults.broker(broker_url.rpartition("/")[2]) if broker_url else ()),
                *faults.mail_server(sink),
            ],
        )


@contextmanager
def on_sqlite(directory: Path) -> Iterator[World]:
    """`run` alone, with a file and without a broker."""
    with ExitStack() as stack:
        sink = _mail_server(stack)
        url = new_sqlite_url(directory)
        grpc, rest = free_address(), free_address()
        fronts = _fronts(stack, {"run": grpc, "REST": rest})
        arguments = (
            *("--config", _config(directory, sink), "--data-dir", str(directory)),
            *("--database-url", url, "--grpc-listen", grpc, "--http-listen", rest),
        )
        programs = [Program("run", arguments, directory)]
        _start(stack, programs)
        yield World(
            database_url=url,
            programs=programs,
            targets=[_address(fronts["run"])],
            rest=f"http://{_address(fronts['REST'])}",
            sink=sink,
            faults=[
                *of_program(programs[0]),
                *(each for front in fronts.items() for each in faults.client_connections(*front)),
                *faults.mail_server(sink),
            ],
        )


def _start(stack: ExitStack, programs: Sequence[Program]) -> None:
    for program in programs:
        stack.callback(program.close)
        program.start()


def _fronts(stack: ExitStack, addresses: Mapping[str, str]) -> dict[str, Cutter]:
    """A proxy between the clients and each address, by its name."""
    fronts = {}
    for name, address in addresses.items():
        fronts[name] = Cutter(int(address.rpartition(":")[2]))
        stack.callback(fronts[name].close)
    return fronts


def _address(cutter: Cutter) -> str:
    return f"127.0.0.1:{cutter.port}"


def _mail_server(stack: ExitStack) -> Sink:
    sink = Sink()
    server = Server(sink)
    server.start()
    stack.callback(server.stop)
    return sink


def _config(directory: Path, sink: Sink) -> str:
    smtp = {"host": "127.0.0.1", "port": sink.port, "timeout_seconds": 3}
    settings = {**SETTINGS, "mail": {**SETTINGS["mail"], "smtp": smtp}}
    file = directory / "howmuch.yaml"
    file.write_text(yaml.safe_dump(settings))
    return str(file)
