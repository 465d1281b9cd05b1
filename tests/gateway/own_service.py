"""A gateway before a service of a proto file that a test writes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc

from howmuch.gateway.http_server import GatewayServer
from howmuch.gateway.options import GatewayOptions
from tests.gateway.engine import STOP_SECONDS
from tests.gateway.openapi.documents import compiled

Behaviour = Callable[[bytes, grpc.ServicerContext], bytes]
"""From a request to its response, both on the wire."""


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        return grpc.unary_unary_rpc_method_handler(self._behave)


@contextmanager
def running_service(text: str, behave: Behaviour, **options: Any) -> Iterator[int]:
    """The gateway of a service whose methods all behave so, in a block; yields its port.

    text: of the proto file, without `syntax` and imports. options: of GatewayOptions.
    """
    threads = ThreadPoolExecutor(2)
    service = grpc.server(threads, handlers=[_Handler(behave)])
    address = f"127.0.0.1:{service.add_insecure_port('127.0.0.1:0')}"
    service.start()
    gateway = GatewayServer(compiled(text), address, GatewayOptions(**options))
    gateway.start()
    try:
        yield gateway.port
    finally:
        gateway.stop(STOP_SECONDS)
        service.stop(grace=None).wait()
        threads.shutdown()
