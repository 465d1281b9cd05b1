"""`howmuch gateway` as its users start it: in front of a service that is none of howmuch."""

import re
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_reflection.v1alpha import reflection

from howmuch.config.keys import fields
from tests.cli.program import Running, environment, howmuch, in_process, running
from tests.gateway import schema
from tests.gateway.backend import Backend
from tests.gateway.engine import closed_port
from tests.gateway.http_client import send
from tests.gateway.messages import parsed_json

ANY_PORT = ("--listen", "127.0.0.1:0")


@pytest.fixture(scope="module")
def descriptors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that `buf build` would write."""
    path = tmp_path_factory.mktemp("descriptors") / "conformance.binpb"
    path.write_bytes(schema.descriptor_set())
    return path


@contextmanager
def gateway(log: Path, *arguments: str) -> Iterator[Running]:
    with running(log, *arguments, command="gateway") as program:
        yield program


def port_of(program: Running) -> int:
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", program.rest)
    assert found, program.output
    return int(found[1])


def check_serves(port: int, backend: Backend) -> None:
    """A request comes to the service, and its answer back."""
    backend.answer({"response": {"id": "from the service"}})
    reply = send(port, "POST", "/v1/create/x", {}, b'{"fInt64": "5"}')
    assert (reply.status, reply.body) == (200, b'{"id":"from the service"}')
    [call] = backend.calls()
    assert (call.messages[0].id, call.messages[0].f_int64) == ("x", 5)


def check_fails(done: subprocess.CompletedProcess[str], *words: str, code: int = 1) -> None:
    """One line says why, and nothing more is said."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("howmuch: ")
    for word in words:
        assert word in lines[0]


def test_gateway_serves_a_service_by_its_descriptors(
    descriptors: Path, backend: Backend, tmp_path: Path
) -> None:
    """It prints where, answers, and ends with 0."""
    upstream = f"127.0.0.1:{backend.port}"
    arguments = ("--descriptor-set", str(descriptors), "--upstream", upstream, *ANY_PORT)
    with gateway(tmp_path / "log", *arguments) as program:
        port = port_of(program)
        check_serves(port, backend)
        document = parsed_json(send(port, "GET", "/openapi.json").content)
        assert "/v1/create/{id}" in document["paths"]
        assert "howmuch" not in str(document["paths"])
        assert program.stop() == 0
        assert "Traceback" not in program.log


def test_settings_come_from_the_environment(
    descriptors: Path, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOWMUCH_HTTP__ and the name."""
    given = {
        "HOWMUCH_HTTP__LISTEN": "127.0.0.1:0",
        "HOWMUCH_HTTP__UPSTREAM": f"127.0.0.1:{backend.port}",
        "HOWMUCH_HTTP__DESCRIPTOR_SET": str(descriptors),
        "HOWMUCH_HTTP__SERVICES": f"{schema.PACKAGE}.Bodies,{schema.PACKAGE}.Query",
        "HOWMUCH_HTTP__IGNORE_UNKNOWN_FIELDS": "true",
    }
    # What starts the program takes all settings out of its environment first.
    monkeypatch.setattr(
        "tests.cli.program.environment", lambda **more: environment(**more, **given)
    )
    with gateway(tmp_path / "log") as program:
        port = port_of(program)
        check_serves(port, backend)
        assert send(port, "POST", "/v1/create", {}, b'{"nope":1}').status == 200
        assert send(port, "GET", "/v1/search").status == 200
        assert send(port, "GET", "/v1/resp").status == 404


def test_settings_come_from_a_file(descriptors: Path, backend: Backend, tmp_path: Path) -> None:
    """Under `http`; a flag wins over it."""
    config = tmp_path / "gateway.yaml"
    config.write_text(
        f"http:\n  listen: 127.0.0.1:1\n  upstream: 127.0.0.1:{backend.port}\n"
        f"  descriptor_set: {descriptors}\n  docs: false\n  allow_trailing_slash: true\n"
    )
    with gateway(tmp_path / "log", "--config", str(config), *ANY_PORT) as program:
        port = port_of(program)
        check_serves(port, backend)
        assert send(port, "GET", "/docs").status == 404
        assert send(port, "GET", "/v1/resp/").status == 200


class Reflecting:
    """A gRPC server that has the schema by reflection, and answers every call with nothing."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(4)
        self.server = grpc.server(self._threads)
        for name in schema.services():
            handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
                method.name.partition(".")[2]: grpc.unary_unary_rpc_method_handler(
                    lambda request, context: b""
                )
                for method in schema.methods().values()
                if f"{schema.PACKAGE}.{method.name}".rpartition(".")[0] == name
            }
            self.server.add_generic_rpc_handlers(
                (grpc.method_handlers_generic_handler(name, handlers),)
            )
        names = (*schema.services(), reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self.server, pool=schema.pool())
        self.port = self.server.add_insecure_port("127.0.0.1:0")

    def stop(self) -> None:
        self.server.stop(None).wait()
        self._threads.shutdown()


def test_gateway_asks_a_service_for_its_descriptors(tmp_path: Path) -> None:
    """No file is needed where the service offers reflection, which is itself not served."""
    service = Reflecting()
    service.server.start()
    try:
        upstream = f"127.0.0.1:{service.port}"
        with gateway(
            tmp_path / "log", "--reflect", "true", "--upstream", upstream, *ANY_PORT
        ) as it:
            port = port_of(it)
            assert send(port, "GET", "/v1/resp").body == b"{}"
            assert send(port, "GET", "/v1/single/x").body == b"{}"
            paths = parsed_json(send(port, "GET", "/openapi.json").content)["paths"]
            assert not [path for path in paths if "reflection" in path.lower()]
    finally:
        service.stop()


@pytest.mark.slow
def test_reflection_where_nothing_listens_is_one_line() -> None:
    """After ten seconds: the service might only be about to start."""
    with closed_port() as port:
        done = howmuch("gateway", "--reflect", "true", "--upstream", f"127.0.0.1:{port}", *ANY_PORT)
    check_fails(done, f"127.0.0.1:{port}", "nothing listens there")


@pytest.mark.slow
def test_reflection_that_a_service_does_not_offer_is_one_line(backend: Backend) -> None:
    """The other reason for which it can fail."""
    upstream = f"127.0.0.1:{backend.port}"
    done = howmuch("gateway", "--reflect", "true", "--upstream", upstream, *ANY_PORT)
    check_fails(done, upstream, "reflection is not enabled")


def broken_sets() -> dict[str, bytes]:
    whole = FileDescriptorSet.FromString(schema.descriptor_set())
    own = next(file for file in whole.file if file.name == schema.PROTO)
    nothing_imported = FileDescriptorSet(file=[own])
    other = FileDescriptorSet(file=[file for file in whole.file if file is not own])
    return {
        "text": b"syntax = 'proto3';\n",
        "cut": schema.descriptor_set()[:1000],
        "nothing": b"",
        "without-imports": nothing_imported.SerializeToString(),
        "without-services": other.SerializeToString(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(broken_sets()))
def test_descriptor_set_that_is_none_is_one_line(tmp_path: Path, kind: str) -> None:
    """Or one in which there is nothing to serve."""
    path = tmp_path / "my.binpb"
    path.write_bytes(broken_sets()[kind])
    done = howmuch("gateway", "--descriptor-set", str(path), *ANY_PORT)
    check_fails(done, "the gateway cannot start: ")
    assert len(done.stderr) < 400


def test_descriptor_set_that_is_missing_is_one_line(tmp_path: Path) -> None:
    """Naming the file, and why it cannot be read."""
    done = in_process("gateway", "--descriptor-set", str(tmp_path / "no.binpb"), *ANY_PORT)
    check_fails(done, "no.binpb", "No such file")
    check_fails(in_process("gateway", "--descriptor-set", str(tmp_path), *ANY_PORT), "directory")


@pytest.mark.slow
def test_service_that_is_not_there_is_one_line(descriptors: Path) -> None:
    """A name in `services` that no file has."""
    arguments = ("--descriptor-set", str(descriptors), "--services", "no.such.Service")
    check_fails(howmuch("gateway", *arguments, *ANY_PORT), "no.such.Service")


def test_port_in_use_is_one_line(descriptors: Path) -> None:
    """Naming the address, and the flag of this command that changes it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        address = f"127.0.0.1:{other.getsockname()[1]}"
        done = howmuch("gateway", "--descriptor-set", str(descriptors), "--listen", address)
    check_fails(done, address, "in use")
    assert "--http-listen" not in done.stderr


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--listen", "nowhere"),
        ("--max-connections", "0"),
        ("--max-connections", "many"),
        ("--trusted-proxies", "10.0.0.0/8,nonsense"),
        ("--update-mask", "sideways"),
        ("--docs", "perhaps"),
        ("--default-deadline-seconds", "1000"),
        ("--heartbeat-seconds", "nan"),
        ("--tls-certificate", "server.pem"),
        ("--upstream-tls-ca", "ca.pem"),
    ],
)
def test_setting_that_cannot_be_is_one_line(flag: str, value: str) -> None:
    """Naming the flag; the exit code says that the use was wrong."""
    check_fails(in_process("gateway", flag, value), flag, code=2)


def test_help_has_a_flag_for_every_setting() -> None:
    """With what it means, its unit and its default."""
    # Lines are broken at spaces, and within words that have hyphens.
    text = "".join(in_process("gateway", "--help").stdout.split())
    for key, field in fields().items():
        if not key.startswith("http."):
            continue
        name = key.removeprefix("http.")
        assert f"--{re.sub('[._]', '-', name)}" in text
        assert field.description
        assert "".join(field.description.split()) in text
    assert "Default:127.0.0.1:8080." in text
