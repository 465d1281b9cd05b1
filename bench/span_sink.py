"""A collector that takes every span and keeps none: OTLP over gRPC, in a process of its own."""

from concurrent.futures import ThreadPoolExecutor

import grpc

PATH = "opentelemetry.proto.collector.trace.v1.TraceService"


def main() -> None:
    """Prints its port, and serves until it is killed. What comes is not even parsed."""
    take: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
        lambda _request, _context: b""
    )
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(PATH, {"Export": take}),))
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
