"""The standard health service, whose watchers do not hold up a stop."""

from collections.abc import Callable
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2

Send = Callable[[health_pb2.HealthCheckResponse | None], None]


class HealthServicer(health.HealthServicer):
    """grpcio's own, which leaves streams of Watch open until the server's grace is over."""

    def __init__(self) -> None:
        super().__init__()
        self._watching: set[Send] = set()

    def Watch(
        self,
        request: health_pb2.HealthCheckRequest,
        context: grpc.ServicerContext,
        send_response_callback: Any = None,
    ) -> Any:
        """As the base class; remembers who watches."""
        self._watching.add(send_response_callback)
        context.add_callback(lambda: self._watching.discard(send_response_callback))
        return super().Watch(request, context, send_response_callback)

    def close(self) -> None:
        """Tells everybody NOT_SERVING, and ends the streams of those who watch."""
        self.enter_graceful_shutdown()
        for send in tuple(self._watching):
            send(None)
