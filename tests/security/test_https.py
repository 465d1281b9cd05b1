"""REST over HTTPS: versions, clients' certificates, replaced certificates, and clients that mean harm."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog
import trustme

from howmuch.runtime.certificates import TlsFiles
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import send
from tests.gateway.test_slow_clients import has_server_side
from tests.gateway.watched_logs import nothing_went_wrong
from tests.security.certificates import (
    Authority,
    MountedSecret,
    certificate_at,
    certificate_in,
    client_context,
    connect,
    plain_connection,
)
from tests.security.https_client import get, https_client, is_let_in
from tests.security.test_grpc_tls import tls_1_1
from tests.waiting import until


@pytest.fixture(autouse=True)
def answer(backend: Backend) -> Iterator[None]:
    """The gateway is never to blame for what a client does."""
    backend.answer({"response": {"id": "a"}})
    with nothing_went_wrong():
        yield


@pytest.fixture
def files(ours: Authority, tmp_path: Path) -> TlsFiles:
    """A certificate for the gateway."""
    return ours.issue(tmp_path / "server")


def test_requests_are_answered_over_https(
    backend: Backend, files: TlsFiles, ours: Authority, theirs: Authority
) -> None:
    """By TLS 1.2 and 1.3; who trusts another authority asks nothing."""
    with running_gateway(backend.port, tls=files) as port:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = client_context(ours)
            context.minimum_version = context.maximum_version = version
            with https_client(port, context) as client:
                for _ in range(2):
                    answer = client.ask("POST", "/v1/create", b'{"id":"x"}')
                    assert (answer.status, answer.body) == (200, b'{"id":"a"}')
        with pytest.raises(ssl.SSLCertVerificationError):
            get(port, client_context(theirs))


def test_tls_1_1_is_refused(backend: Backend, files: TlsFiles, ours: Authority) -> None:
    """In the handshake; the next client is served."""
    with running_gateway(backend.port, tls=files) as port:
        with pytest.raises(OSError, match=r"(?i)alert|eof|reset"):
            connect(port, tls_1_1(ours))
        assert get(port, client_context(ours)).status == 200


def test_http_on_the_port_of_https_is_cut_off(
    backend: Backend, files: TlsFiles, ours: Authority
) -> None:
    """No answer in plaintext, no trace in the log, no harm to others."""
    with running_gateway(backend.port, tls=files) as port:
        assert send(port, "GET", "/v1/resp").status == 0
        assert get(port, client_context(ours)).status == 200
    assert len(backend.calls()) == 1


def test_large_answers_and_bodies_pass(backend: Backend, files: TlsFiles, ours: Authority) -> None:
    """Whole, over one connection."""
    text = "x" * 1_000_000
    backend.answer({"response": {"fString": text}})
    with (
        running_gateway(backend.port, tls=files) as port,
        https_client(port, client_context(ours)) as client,
    ):
        body = b'{"fString":"%s"}' % text.encode()
        for _ in range(2):
            assert client.ask("POST", "/v1/create", body).body == body
        assert client.ask("GET", "/healthz").status == 200


def test_request_that_cannot_be_read_is_answered(
    backend: Backend, files: TlsFiles, ours: Authority
) -> None:
    """As over HTTP: 400, and the connection ends."""
    with (
        running_gateway(backend.port, tls=files) as port,
        connect(port, client_context(ours)) as connection,
    ):
        connection.sendall(b"nonsense\r\n\r\n")
        received = b""
        while piece := connection.recv(4096):
            received += piece
    head = received.partition(b"\r\n\r\n")[0].lower()
    assert head.startswith(b"http/1.1 400 ")
    assert b"strict-transport-security: max-age=31536000" in head


def test_browsers_are_told_to_come_by_https_where_it_is_served(
    backend: Backend, files: TlsFiles, ours: Authority
) -> None:
    """In every answer, errors too; never over HTTP; not at all where it is set to 0."""
    header = "strict-transport-security"
    with running_gateway(backend.port, tls=files) as port:
        for target in ("/v1/resp", "/nowhere", "/docs"):
            answer = get(port, client_context(ours), target)
            assert answer.headers[header] == "max-age=31536000"
    with running_gateway(backend.port, tls=files, hsts_seconds=0) as port:
        assert header not in get(port, client_context(ours)).headers
    with running_gateway(backend.port) as port:
        assert send(port, "GET", "/v1/resp").values(header) == []


def test_mutual_tls_asks_clients_for_a_certificate_of_the_authority(
    backend: Backend, ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    """None, or one that another authority signed, gets no request through."""
    right = ours.issue(tmp_path / "right", "client.example.com")
    wrong = theirs.issue(tmp_path / "wrong", "client.example.com")
    with running_gateway(backend.port, tls=ours.issue(tmp_path / "server", ca=ours)) as port:
        assert is_let_in(port, client_context(ours, shows=right))
        assert not is_let_in(port, client_context(ours))
        assert not is_let_in(port, client_context(ours, shows=wrong))
    assert len(backend.calls()) == 1


def test_certificate_is_replaced_under_load_and_no_request_fails(
    backend: Backend, ours: Authority, tmp_path: Path
) -> None:
    """New connections see the old one, then the new one, be its key of another kind; what stands goes on."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours, kind=trustme.KeyType.RSA)
    failures: list[Exception] = []
    stop = threading.Event()
    asked = 0

    def ask_on_new_connections(port: int) -> None:
        nonlocal asked
        while not stop.is_set():
            try:
                assert get(port, client_context(ours)).status == 200
            except (AssertionError, OSError, http.client.HTTPException) as error:
                failures.append(error)
            asked += 1

    with (
        running_gateway(backend.port, tls=files) as port,
        https_client(port, client_context(ours)) as member_state,
    ):
        assert member_state.ask("GET", "/v1/resp").status == 200
        first = member_state.shown()
        thread = threading.Thread(target=ask_on_new_connections, args=(port,))
        thread.start()
        try:
            for kind in (trustme.KeyType.ECDSA, trustme.KeyType.RSA):
                assert certificate_at(port) == certificate_in(files)
                mounted.put(ours, kind=kind)
                until(lambda: certificate_at(port) == certificate_in(files), "it is new")
                before = asked
                until(lambda: asked > before + 3, "requests go on")  # noqa: B023 - called at once
                assert member_state.ask("GET", "/v1/resp").status == 200
                assert member_state.shown() == first
        finally:
            stop.set()
            thread.join()
    assert failures == []


def test_broken_files_keep_the_old_certificate_and_are_logged_once(
    backend: Backend, ours: Authority, tmp_path: Path
) -> None:
    """Whole ones that follow are taken."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours)
    shown = certificate_in(files)
    with (
        running_gateway(backend.port, tls=files) as port,
        structlog.testing.capture_logs() as logs,
    ):
        mounted.spoil()

        def refused() -> bool:
            assert certificate_at(port) == shown
            return any(entry["event"] == "new certificate refused" for entry in logs)

        until(refused, "the new file is refused")
        mounted.put(ours)
        until(lambda: certificate_at(port) == certificate_in(files), "it is new")
    warnings = [entry["setting"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["http.tls"]


def test_authority_of_clients_is_replaced_too(
    backend: Backend, ours: Authority, theirs: Authority, tmp_path: Path
) -> None:
    """Whose certificates it no longer signs are refused from then on, their old sessions included."""
    mounted = MountedSecret(tmp_path / "mounted")
    files = mounted.put(ours, ca=ours)
    before = client_context(ours, shows=ours.issue(tmp_path / "a"))
    after = client_context(ours, shows=theirs.issue(tmp_path / "b"))
    before.maximum_version = ssl.TLSVersion.TLSv1_2  # Whose sessions come with the handshake.
    with running_gateway(backend.port, tls=files) as port:
        assert is_let_in(port, before)
        assert not is_let_in(port, after)
        with connect(port, before) as connection:
            session = connection.session
        assert resumes(port, before, session)
        mounted.put(ours, ca=theirs)
        until(lambda: is_let_in(port, after), "the other authority counts")
        assert not is_let_in(port, before)
        assert not resumes(port, before, session)


def resumes(port: int, context: ssl.SSLContext, session: ssl.SSLSession | None) -> bool:
    """Whether a handshake is shortened by what an earlier one has left."""
    assert session is not None
    with plain_connection(port) as plain:
        try:
            with context.wrap_socket(
                plain, server_hostname="127.0.0.1", session=session
            ) as connection:
                return bool(connection.session_reused)
        except OSError:
            return False


def test_handshake_that_is_not_finished_ends(backend: Backend, files: TlsFiles) -> None:
    """In the time that headers have, whether a client says nothing or half of its hello."""
    context = client_context()
    hello = ssl.MemoryBIO()
    sending = context.wrap_bio(ssl.MemoryBIO(), hello, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        sending.do_handshake()
    half = hello.read()[:50]
    with running_gateway(backend.port, tls=files, header_timeout_seconds=2.0) as port:
        for sent in (b"", half):
            with plain_connection(port) as client:
                client.sendall(sent)
                assert client.recv(1024) == b""
        until(lambda: not has_server_side(port), "no connection is left")


def test_headers_that_do_not_come_after_the_handshake_are_408(
    backend: Backend, files: TlsFiles, ours: Authority
) -> None:
    """Their own time begins after it."""
    with (
        running_gateway(backend.port, tls=files, header_timeout_seconds=2.0) as port,
        connect(port, client_context(ours)) as connection,
    ):
        connection.sendall(b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 408 ")


def test_handshakes_count_as_connections(
    backend: Backend, files: TlsFiles, ours: Authority
) -> None:
    """Beyond max_connections the next one is closed; as soon as there is room, the next is served."""
    with running_gateway(backend.port, tls=files, max_connections=3) as port:
        with ExitStack() as stack:
            silent = [stack.enter_context(plain_connection(port)) for _ in range(4)]
            assert silent[-1].recv(1024) == b""
        until(lambda: is_let_in(port, client_context(ours)), "there is room")
