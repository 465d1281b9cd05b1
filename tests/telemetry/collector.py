"""An OpenTelemetry collector for tests: OTLP over gRPC, which keeps the spans that it is sent."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

Kind = trace_pb2.Span.SpanKind
StatusCode = trace_pb2.Status.StatusCode


@dataclass(frozen=True)
class Seen:
    """A span. Ids are in hexadecimal; parent_id is empty where it has none."""

    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    links: Sequence[str]
    status: int
    service: str


@dataclass
class Collector(service_grpc.TraceServiceServicer):
    """What has come so far. endpoint: where it listens."""

    endpoint: str = ""
    _seen: list[Seen] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:
        found = [
            seen(span, resource.resource)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._lock:
            self._seen += found
        return service_pb2.ExportTraceServiceResponse()

    def spans(self, trace_id: str = "") -> list[Seen]:
        """All, or those of one trace."""
        with self._lock:
            return [each for each in self._seen if trace_id in ("", each.trace_id)]


def seen(span: Any, resource: Any) -> Seen:
    return Seen(
        name=span.name,
        kind=span.kind,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=plain(span.attributes),
        links=[link.span_id.hex() for link in span.links],
        status=span.status.code,
        service=plain(resource.attributes)["service.name"],
    )


def plain(attributes: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value") or "string_value")
        for each in attributes
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector, until the end of the block."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    # Generated without types.
    add: Callable[[Collector, grpc.Server], None] = service_grpc.add_TraceServiceServicer_to_server
    add(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
