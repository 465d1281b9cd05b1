"""The client package of Python, built and installed as its users do, and the example that uses it."""

import re
import sys
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest

from tests.cli.program import Running, running
from tests.docs.blocks import blocks
from tests.examples.environments import ROOT, Environment, build_wheel, done
from tests.far import far

EXAMPLE = ROOT / "examples" / "python" / "trip.py"

PRINTED = """\
Dinner: 48.60 EUR, paid by Ana, for three
sent twice, added once
stale edit refused, then made again
watch: CHANGE_KIND_MEMBER_ADDED, CHANGE_KIND_MEMBER_ADDED, CHANGE_KIND_EXPENSE_CREATED, \
CHANGE_KIND_EXPENSE_UPDATED, CHANGE_KIND_EXPENSE_UPDATED
Bo pays Ana 16.20 EUR
Cy pays Ana 16.20 EUR
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the client."""
    return build_wheel(ROOT / "clients" / "python", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Has the client and its dependencies, and the server has not been near it."""
    made = Environment(tmp_path_factory.mktemp("client"))
    made.install(wheel)
    made.install_dependencies("howmuch-client")
    return made


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A `howmuch run` with nothing in it."""
    directory = tmp_path_factory.mktemp("server")
    where = ("--data-dir", str(directory / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(directory / "log", *where) as program:
        yield program


class Unsteady(grpc.GenericRpcHandler):
    """Answers with nothing and OK, but to the first calls with UNAVAILABLE. calls: (method, metadata)."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls: list[tuple[str, dict[str, str | bytes]]] = []

    def service(
        self, call: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        if call.method.startswith("/grpc.health."):
            return None
        self.calls.append((call.method, dict(call.invocation_metadata)))

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            if len(self.calls) <= self.failures:
                context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
            return b""

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
def unsteady() -> Iterator[tuple[Unsteady, str]]:
    """What answers, and its address."""
    handler = Unsteady(failures=2)
    serving = grpc.server(futures.ThreadPoolExecutor(2), handlers=[handler])
    port = serving.add_insecure_port("127.0.0.1:0")
    serving.start()
    yield handler, f"127.0.0.1:{port}"
    serving.stop(None).wait()


CALL = """\
import sys, grpc, howmuch_client
from howmuch.v1 import event_service_pb2 as v1
with howmuch_client.connect(sys.argv[1], token="t") as server:
    try:
        {call}
    except grpc.RpcError as error:
        failure = howmuch_client.failure(error)
        print(failure)
        print(failure.code.name, failure.reason, sorted(failure.fields), failure.retry_after_seconds)
"""


def test_example_prints_the_trip(environment: Environment, server: Running) -> None:
    """From signing up to who pays whom, and a second time, as somebody else."""
    for _ in range(2):
        assert environment.run(str(EXAMPLE), server.address) == PRINTED


@pytest.mark.slow
def test_readme_of_the_client_makes_an_event(environment: Environment, server: Running) -> None:
    """The code in it, once there is the user whom it logs in."""
    sign_up = (
        "import howmuch_client, sys; from howmuch.v1.user_service_pb2 import SignUpRequest;"
        "howmuch_client.connect(sys.argv[1]).users.SignUp(SignUpRequest("
        "email='ana@example.com', password='correct horse', name='Ana'))"
    )
    environment.run("-c", sign_up, server.address)
    [code] = blocks("clients/python/README.md")
    said = environment.run("-c", code.text.replace("127.0.0.1:50051", server.address))
    assert re.fullmatch(r"evt_\w+\n", said)


def test_client_needs_no_server_package(environment: Environment) -> None:
    """What it imports is in it or declared: nothing of the server can be imported there."""
    script = (
        "import importlib.util as u, howmuch, howmuch_client;"
        "print(howmuch.__file__, u.find_spec('howmuch.cli'), u.find_spec('sqlalchemy'))"
    )
    assert environment.run("-c", script) == "None None None\n"


@pytest.mark.slow
def test_wheel_holds_every_generated_module_as_it_is(environment: Environment) -> None:
    """And the retry policy; all of it from the one place where it is made."""
    script = "import howmuch_client; print(howmuch_client.__path__[0])"
    package = Path(environment.run("-c", script).strip())
    generated = ROOT / "gen" / "python" / "howmuch" / "v1"
    expected = {path.name: path.read_bytes() for path in generated.iterdir() if path.is_file()}
    found = package.parent / "howmuch" / "v1"
    assert {
        path.name: path.read_bytes() for path in found.iterdir() if path.is_file()
    } == expected | {"py.typed": b""}
    policy = (package / "retry_policy.json").read_bytes()
    assert policy == (ROOT / "howmuch" / "client" / "retry_policy.json").read_bytes()


def test_write_is_repeated_under_one_key(
    environment: Environment, unsteady: tuple[Unsteady, str]
) -> None:
    """Which the client makes, and sends with the token."""
    handler, address = unsteady
    call = "server.events.CreateEvent(v1.CreateEventRequest())"
    assert environment.run("-c", CALL.format(call=call), address) == ""
    assert [method for method, _ in handler.calls] == ["/howmuch.v1.EventService/CreateEvent"] * 3
    assert len({metadata["idempotency-key"] for _, metadata in handler.calls}) == 1
    assert {metadata["authorization"] for _, metadata in handler.calls} == {"Bearer t"}


@pytest.mark.parametrize(
    ("call", "key"),
    [
        ("CreateEvent(v1.CreateEventRequest(), metadata=howmuch_client.idempotency_key('k'))", "k"),
        ("GetEvent(v1.GetEventRequest())", None),
    ],
)
def test_key_is_the_callers_and_reads_have_none(
    call: str, key: str | None, environment: Environment, unsteady: tuple[Unsteady, str]
) -> None:
    """A key that is given is sent as it is; what changes nothing needs none."""
    handler, address = unsteady
    assert environment.run("-c", CALL.format(call=f"server.events.{call}"), address) == ""
    assert {metadata.get("idempotency-key") for _, metadata in handler.calls} == {key}


def test_two_writes_have_two_keys(environment: Environment, unsteady: tuple[Unsteady, str]) -> None:
    """A key is of one thing that is done."""
    handler, address = unsteady
    handler.failures = 0
    call = "[server.events.CreateEvent(v1.CreateEventRequest()) for _ in range(2)]"
    environment.run("-c", CALL.format(call=call), address)
    assert len({metadata["idempotency-key"] for _, metadata in handler.calls}) == 2


def test_server_that_is_far_away_is_reached(
    environment: Environment, unsteady: tuple[Unsteady, str]
) -> None:
    """A call waits until the connection is made, and not for the next attempt at one."""
    handler, address = unsteady
    handler.failures = 0
    call = "server.events.GetEvent(v1.GetEventRequest())"
    with far(int(address.rpartition(":")[2]), 0.5) as there:
        environment.run("-c", CALL.format(call=call), f"127.0.0.1:{there.port}")
    assert (len(handler.calls), there.connections) == (1, 1)


def test_failure_reads_the_details_of_an_error(environment: Environment, server: Running) -> None:
    """The reason, and the server's sentence."""
    call = "server.events.ListEvents(v1.ListEventsRequest())"
    said, parts = environment.run("-c", CALL.format(call=call), server.address).splitlines()
    assert said.startswith("SESSION_INVALID: ")
    assert parts == "UNAUTHENTICATED SESSION_INVALID [] None"


def test_failure_names_the_fields(environment: Environment, server: Running) -> None:
    """Each with what is wrong in it."""
    call = (
        "from howmuch.v1.user_service_pb2 import SignUpRequest;"
        "server.users.SignUp(SignUpRequest(email='ana', password='correct horse', name='Ana'))"
    )
    said, parts = environment.run("-c", CALL.format(call=call), server.address).splitlines()
    assert "email: " in said
    assert parts.startswith("INVALID_ARGUMENT ")
    assert "['email']" in parts


def test_failure_where_no_howmuch_answers(
    environment: Environment, unsteady: tuple[Unsteady, str]
) -> None:
    """A code and no reason."""
    handler, address = unsteady
    handler.failures = 100
    call = "server.events.GetEvent(v1.GetEventRequest())"
    said, parts = environment.run("-c", CALL.format(call=call), address).splitlines()
    assert said == "UNAVAILABLE: restarting"
    assert parts == "UNAVAILABLE  [] None"
    assert len(handler.calls) == 5


@pytest.mark.slow
def test_example_is_typed(wheel: Path, tmp_path: Path) -> None:
    """To mypy --strict: it knows what the installed package is, and finds a field that there is not."""
    environment = Environment(tmp_path / "typed")
    environment.install(wheel)
    environment.install_dependencies("howmuch-client", extra="types")
    (tmp_path / "trip.py").write_text(EXAMPLE.read_text())
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir=.mypy"]
    mypy += ["--python-executable", environment.python]
    done(*mypy, "trip.py", cwd=tmp_path)
    (tmp_path / "wrong.py").write_text(EXAMPLE.read_text().replace("reason=reason", "title=reason"))
    with pytest.raises(AssertionError, match='Unexpected keyword argument "title" for "Expense"'):
        done(*mypy, "wrong.py", cwd=tmp_path)


@pytest.mark.slow
def test_client_and_server_share_an_environment(wheel: Path, tmp_path: Path) -> None:
    """Both bring the same howmuch.v1; with either of them first, all of both can be imported."""
    server = build_wheel(ROOT, tmp_path / "wheel")
    for order in ([wheel, server], [server, wheel]):
        environment = Environment(tmp_path / order[0].stem)
        for each in order:
            environment.install(each)
        environment.install_dependencies("howmuch-client")
        script = "import howmuch.errors, howmuch_client, howmuch.v1.expense_pb2 as v1; print(v1.__file__)"
        assert "/site-packages/howmuch/v1/" in environment.run("-c", script)
