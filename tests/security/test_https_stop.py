"""A gateway with HTTPS stops in time, whatever its clients do."""

from contextlib import ExitStack
from pathlib import Path

from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.security.certificates import Authority, client_context, connect, plain_connection
from tests.security.https_client import https_client


def test_stop_ends_connections_that_stay_open(
    backend: Backend, ours: Authority, tmp_path: Path
) -> None:
    """One that is idle, one that waits for an answer, one in its handshake: none holds the gateway up."""
    with ExitStack() as stack:
        with running_gateway(backend.port, tls=ours.issue(tmp_path)) as port:
            idle = stack.enter_context(https_client(port, client_context(ours)))
            assert idle.ask("GET", "/healthz").status == 200
            backend.answer({"delay": 60})
            waiting = stack.enter_context(connect(port, client_context(ours)))
            waiting.sendall(b"GET /v1/resp HTTP/1.1\r\nhost: x\r\n\r\n")
            backend.await_calls(1)
            silent = stack.enter_context(plain_connection(port))
        assert silent.recv(1024) == b""
        assert waiting.recv(4096)[:12] in (b"", b"HTTP/1.1 503")
