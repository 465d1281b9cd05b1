"""A service behind a gateway that asks for certificates, and remembers by whom it was called."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_reflection.v1alpha import reflection

from howmuch.rpc.credentials import server_credentials
from howmuch.runtime.certificates import TlsFiles
from tests.gateway import schema
from tests.gateway.http_client import WAIT_SECONDS

_NAME = "x509_subject_alternative_name"


class IdentifyingUpstream(grpc.GenericRpcHandler):
    """Answers every call with nothing.

    callers: the names in the clients' certificates, by call; empty where there was none. go_on: what calls
    of Search wait for.
    """

    def __init__(self, tls: TlsFiles) -> None:
        self.callers: list[str] = []
        self.go_on = threading.Event()
        self._threads = ThreadPoolExecutor(8)
        self.server = grpc.server(self._threads, handlers=[self])
        names = (*schema.services(), reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self.server, pool=schema.pool())
        self.port = self.server.add_secure_port("127.0.0.1:0", server_credentials(tls))

    def service(self, details: grpc.HandlerCallDetails) -> Any:
        """Serves all methods alike."""
        if "reflection" in details.method:
            return None

        def answer(_request: bytes, context: grpc.ServicerContext) -> bytes:
            [name, *_] = context.auth_context().get(_NAME, [b""])
            assert isinstance(name, bytes)
            self.callers.append(name.decode())
            if details.method.endswith("/Search"):
                assert self.go_on.wait(WAIT_SECONDS)
            return b""

        return grpc.unary_unary_rpc_method_handler(answer)

    def stop(self) -> None:
        self.go_on.set()
        self.server.stop(None).wait()
        self._threads.shutdown()


@contextmanager
def running_upstream(tls: TlsFiles) -> Iterator[IdentifyingUpstream]:
    """One that answers, in a block."""
    upstream = IdentifyingUpstream(tls)
    upstream.server.start()
    try:
        yield upstream
    finally:
        upstream.stop()
