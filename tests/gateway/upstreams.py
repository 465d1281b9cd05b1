"""Upstreams in this process that do what no ordinary service does."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from grpc_health.v1.health_pb2_grpc import HealthServicer, add_HealthServicer_to_server

from tests.gateway import schema

Behaviour = Callable[[bytes, grpc.ServicerContext], Iterable[bytes]]
"""From a request to its responses, both on the wire; a unary method has one."""


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self._streams = {m.path: m.streams_responses for m in schema.methods().values()}

    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any] | None":
        if details.method not in self._streams:
            return None
        if self._streams[details.method]:
            return grpc.unary_stream_rpc_method_handler(self._behave)
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: next(iter(self._behave(request, context)))
        )


@contextmanager
def upstream(behave: Behaviour, health: HealthServicer | None = None) -> Iterator[int]:
    """A gRPC server whose methods all behave so, in a block; yields its port. health: its health service."""
    threads = ThreadPoolExecutor(8)
    server = grpc.server(threads, handlers=[_Handler(behave)])
    if health is not None:
        add_HealthServicer_to_server(health, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
        threads.shutdown()


class Steps:
    """A stream of responses that a test hands out one by one. over: set once a call has ended."""

    def __init__(self) -> None:
        self._allowed = threading.Semaphore(0)
        self.over = threading.Event()

    def give(self, count: int = 1) -> None:
        """Lets the stream send so many more."""
        self._allowed.release(count)

    def paced(self, messages: Iterable[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """The messages, each when it may go; the stream stays open where they are given slowly."""
        over = threading.Event()  # of this call: others may take steps too

        def end() -> None:
            over.set()
            self.over.set()

        if not context.add_callback(end):
            end()
        for message in messages:
            while not self._allowed.acquire(timeout=0.05):
                if over.is_set():
                    return
            yield message
