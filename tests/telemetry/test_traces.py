"""One trace and one request id from the REST client to the mail, whatever processes it passes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.cli.program import Running, running
from tests.databases import new_postgres_url
from tests.mail_delivery.sink import Sink
from tests.mail_delivery.verified import verify_addresses
from tests.ports import free_address
from tests.telemetry.collector import Collector, Kind, Seen, collecting
from tests.telemetry.program import PASSWORD, config, join, new_event, sign_up, spend
from tests.waiting import until

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT_ID = "b7ad6b7169203331"
SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-01"
NOT_SAMPLED = f"00-{TRACE_ID}-{PARENT_ID}-00"
REQUEST_ID = "the-request-of-the-test"
REASON = "a surprise for nobody to know"
ROUTE = "/v1/events/{event_id}/expenses"


@contextmanager
def everything(
    url: str,
    collector: Collector,
    sink: Sink,
    tmp_path: Path,
    rabbit_url: str,
    *,
    ratio: float = 0.0,
) -> Iterator[list[Running]]:
    """Programs that together are howmuch; the first one has REST. rabbit_url: empty: all is one program."""
    flags = config(
        tmp_path,
        mail={"window_seconds": 0.1, "smtp": {"host": "127.0.0.1", "port": sink.port}},
        tracing={"endpoint": collector.endpoint, "sample_ratio": ratio},
        broker={"url": rabbit_url},
    )
    data = (*flags, "--database-url", url)
    with ExitStack() as stack:
        if not rabbit_url:
            where = ("--grpc-listen", "127.0.0.1:0")
            yield [stack.enter_context(running(tmp_path / "run", *data, *where))]
            return
        upstream = free_address()
        served = ("--grpc-listen", upstream, "--workers", "2")
        serve = stack.enter_context(running(tmp_path / "serve", *data, *served, command="serve"))
        public = ("--upstream", upstream, "--listen", free_address())
        gateway = stack.enter_context(
            running(tmp_path / "gateway", *flags, *public, command="gateway")
        )
        worker = stack.enter_context(running(tmp_path / "worker", *data, command="worker"))
        yield [gateway, serve, worker]


def children(spans: list[Seen], parent: Seen) -> list[Seen]:
    return [span for span in spans if span.parent_id == parent.span_id]


def only(spans: list[Seen], name: str) -> Seen:
    (found,) = [span for span in spans if span.name == name]
    return found


@pytest.fixture(params=["run", pytest.param("apart", marks=pytest.mark.slow)])
def broker(request: pytest.FixtureRequest) -> str:
    """Everything in one program, or each part by itself with RabbitMQ between them: its URL."""
    return "" if request.param == "run" else str(request.getfixturevalue("rabbit_url"))


def test_one_trace_from_the_client_to_the_mail(
    postgres_server_url: str, broker: str, sink: Sink, tmp_path: Path
) -> None:
    """Gateway, gRPC, SQL, message and mail are parents and children; every log line names the request."""
    with new_postgres_url(postgres_server_url) as url, collecting() as collector:
        with everything(url, collector, sink, tmp_path, broker) as programs:
            rest = programs[0].rest
            with closing(sign_up(rest, "ana")) as ana, closing(sign_up(rest, "bo")) as bo:
                verify_addresses(url)
                event = new_event(ana)
                join(event["id"], ana, bo)
                answer = spend(ana, event, REASON, traceparent=SAMPLED, x_request_id=REQUEST_ID)
                assert answer.status_code == 200, answer.text
                assert answer.headers["x-request-id"] == REQUEST_ID
                until(lambda: any(REASON in mail.as_string() for _, mail in sink.mails()))
                until(lambda: only_or_none(collector.spans(TRACE_ID), "send mail"))
            secrets = [PASSWORD, REASON, "48.60", "example.com", ana.headers["authorization"][7:]]
        check_tree(collector.spans(TRACE_ID), "rabbitmq" if broker else "howmuch", secrets)
        # What began without a traceparent is not recorded at a ratio of 0.
        assert {span.trace_id for span in collector.spans()} == {TRACE_ID}
        check_log(programs)


def only_or_none(spans: list[Seen], name: str) -> bool:
    return any(span.name == name for span in spans)


def check_tree(spans: list[Seen], system: str, secrets: list[str]) -> None:
    http = only(spans, f"POST {ROUTE}")
    assert (http.parent_id, http.kind, http.service) == (
        PARENT_ID,
        Kind.SPAN_KIND_SERVER,
        "howmuch",
    )
    assert http.attributes == {
        "http.request.method": "POST",
        "http.route": ROUTE,
        "http.response.status_code": 200,
        "howmuch.request_id": REQUEST_ID,
    }
    (rpc,) = children(spans, http)
    assert (rpc.name, rpc.kind) == (
        "howmuch.v1.ExpenseService/CreateExpense",
        Kind.SPAN_KIND_SERVER,
    )
    assert rpc.attributes == {
        "rpc.system": "grpc",
        "rpc.service": "howmuch.v1.ExpenseService",
        "rpc.method": "CreateExpense",
        "rpc.grpc.status_code": 0,
        "howmuch.request_id": REQUEST_ID,
    }
    inside = children(spans, rpc)
    statements = [span for span in inside if span.kind == Kind.SPAN_KIND_CLIENT]
    # By the ordinary way where another thread has just opened a connection to the database.
    assert len(statements) in (3, 5), [span.name for span in statements]
    assert {span.attributes["db.system.name"] for span in statements} == {"postgresql"}
    assert all("$1" in span.attributes["db.query.text"] for span in statements)
    (fanout,) = [span for span in inside if span.kind == Kind.SPAN_KIND_CONSUMER]
    assert fanout.name == "process howmuch.email.fanout"
    assert fanout.attributes["messaging.system"] == system
    assert fanout.attributes["howmuch.request_id"] == REQUEST_ID
    assert any(span.attributes.get("db.system.name") for span in children(spans, fanout))
    (sending,) = [span for span in children(spans, fanout) if span.kind == Kind.SPAN_KIND_CONSUMER]
    assert sending.name == "process howmuch.email.send"
    mail = only(children(spans, sending), "send mail")
    assert mail.attributes["howmuch.mail.kind"] == "CHANGES"
    assert fanout.span_id in mail.links
    texts = json.dumps([[span.name, span.attributes] for span in spans])
    assert [secret for secret in secrets if secret in texts] == []


def check_log(programs: list[Running]) -> None:
    def of_request(event: str) -> list[dict[str, object]]:
        every = [line for program in programs for line in program.logged(event)]
        return [
            line
            for line in every
            if REQUEST_ID in (line.get("request_id"), *line.get("request_ids", ()))
        ]

    (http,), rpc = of_request("http"), of_request("rpc")
    assert (http["method"], http["route"], http["status"]) == ("POST", ROUTE, 200)
    # A gateway in the same process says it in its own line.
    assert len(rpc) == (len(programs) > 1)
    (call,) = rpc or [http]
    assert call["code"] == "OK"
    (handled,), (sent,) = of_request("messages handled"), of_request("mail sent")
    every = (http, *rpc, handled, sent)
    assert {line["trace_id"] for line in every} == {TRACE_ID}
    assert len({line["span_id"] for line in every}) == len(every)


@pytest.mark.slow
def test_a_mail_links_to_every_change_in_it(
    postgres_server_url: str, sink: Sink, tmp_path: Path
) -> None:
    """Changes that are gathered are in one mail: it follows the first, and is linked to each."""
    with new_postgres_url(postgres_server_url) as url, collecting() as collector:
        flags = config(
            tmp_path,
            mail={"window_seconds": 6, "smtp": {"host": "127.0.0.1", "port": sink.port}},
            tracing={"endpoint": collector.endpoint, "sample_ratio": 1.0},
        )
        where = ("--database-url", url, "--grpc-listen", "127.0.0.1:0")
        with (
            running(tmp_path / "log", *flags, *where) as server,
            closing(sign_up(server.rest, "ana")) as ana,
            closing(sign_up(server.rest, "bo")) as bo,
        ):
            verify_addresses(url)
            event = new_event(ana)
            join(event["id"], ana, bo)
            until(lambda: any("bo" in mail.as_string() for _, mail in sink.mails()))
            for number in range(3):
                spend(ana, event, f"Round {number}", x_request_id=f"round-{number}")
            until(lambda: any("Round 2" in mail.as_string() for _, mail in sink.mails()))
        spans = collector.spans()
        fanned_out = {
            span.attributes["howmuch.request_id"]: span.span_id
            for span in spans
            if span.name == "process howmuch.email.fanout"
        }
        linked = [
            span.links
            for span in spans
            if span.name == "send mail" and fanned_out["round-0"] in span.links
        ]
        rounds = [fanned_out[f"round-{number}"] for number in range(3)]
        assert [set(rounds) & set(links) for links in linked] == [set(rounds)]


@pytest.mark.slow
def test_not_sampled_is_not_recorded(tmp_path: Path) -> None:
    """A caller who says that a trace is not recorded is believed, even where all others are."""
    with collecting() as collector:
        flags = config(tmp_path, tracing={"endpoint": collector.endpoint, "sample_ratio": 1.0})
        where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
        with running(tmp_path / "log", *flags, *where) as server:
            httpx.get(f"{server.rest}/v1/users/me", headers={"traceparent": NOT_SAMPLED})
            httpx.get(f"{server.rest}/v1/users/me", headers={"traceparent": "00-nonsense"})
            httpx.get(f"{server.rest}/v1/nowhere", headers={"traceparent": SAMPLED})
        spans = collector.spans()
        assert collector.spans(TRACE_ID) == []
        me = only(spans, "GET /v1/users/me")
        assert (me.parent_id, me.attributes["http.response.status_code"]) == ("", 401)


@pytest.mark.slow
def test_without_a_collector_nothing_is_slower_or_fails(tmp_path: Path) -> None:
    """Calls work and are logged; one line says that spans are lost; the program stops in time."""
    flags = config(tmp_path, tracing={"endpoint": f"http://{free_address()}", "sample_ratio": 1.0})
    where = ("--data-dir", str(tmp_path / "data"), "--grpc-listen", "127.0.0.1:0")
    with running(tmp_path / "log", *flags, *where) as server:
        with closing(sign_up(server.rest, "ana")) as ana:
            event = new_event(ana)
            answers = [spend(ana, event, f"Dinner {number}") for number in range(20)]
            assert {answer.status_code for answer in answers} == {200}
            until(lambda: server.logged("traces are lost"))
            answers = [spend(ana, event, f"Supper {number}") for number in range(20)]
            assert {answer.status_code for answer in answers} == {200}
        assert server.stop() == 0
        assert len(server.logged("traces are lost")) == 1
        assert "Traceback" not in server.log
        assert server.logged("stopped")


@pytest.mark.slow
def test_what_is_off_is_not_there(tmp_path: Path) -> None:
    """Without a collector and an address of /metrics, a server is built without what watches it."""
    script = (
        "import sys\n"
        "import howmuch.gateway.http_server\n"
        "from howmuch.rpc.grpc_server import build_server\n"
        "from howmuch.rpc.server_options import ServerOptions\n"
        "from howmuch.storage.database import open_database\n"
        "database = open_database('sqlite:///nothing.db')\n"
        "build_server(database, ServerOptions('127.0.0.1:0'))\n"
        "watching = ('otlp', 'prometheus', 'tracer', 'statements', 'metrics', 'spans')\n"
        "names = [name for name in sys.modules if name.startswith('howmuch.')]\n"
        "names.remove('howmuch.telemetry.spans')\n"  # It knows no OpenTelemetry.
        "print([name for name in names if name.endswith(watching)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert done.stdout == "[]\n"
