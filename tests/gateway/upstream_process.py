"""An upstream in a process of its own, which answers with what it was asked: it can be killed.

`python -m tests.gateway.upstream_process PORT` prints `serves PORT` once it does. A field `id` of the
request steers it: `hang` never gets its answer, and a stream of `hang` or `endless` never its end. Every
other stream is the request three times.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc.aio

ROOT = Path(__file__).parents[2]
# The first field of the requests, `id`, on the wire.
HANG = b"\x0a\x04hang"
ENDLESS = b"\x0a\x07endless"
STREAM_MESSAGES = 3


@dataclass
class Running:
    """port: 0 was replaced by a free one."""

    process: subprocess.Popen[str]
    port: int

    def kill(self) -> None:
        """As the kernel does it when memory runs out."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def running_process(port: int = 0) -> Iterator[Running]:
    """Such an upstream in a block."""
    with subprocess.Popen(
        [sys.executable, "-m", __name__, str(port)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"serves (\d+)\n", line)
            assert found, f"no upstream: {line!r}"
            yield Running(process, int(found[1]))
        finally:
            process.kill()


class _Echo(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[Any, Any]":
        if details.method.endswith("/Watch"):
            return grpc.unary_stream_rpc_method_handler(_watch)
        return grpc.unary_unary_rpc_method_handler(_answer)


async def _answer(request: bytes, context: Any) -> bytes:
    if request.startswith(HANG):
        await asyncio.Event().wait()
    return request


async def _watch(request: bytes, context: Any) -> AsyncIterator[bytes]:
    for _ in range(STREAM_MESSAGES):
        yield request
    if request.startswith(HANG):
        await asyncio.Event().wait()
    while request.startswith(ENDLESS):
        yield request
        await asyncio.sleep(0.01)


async def _serve(port: int) -> None:
    server = grpc.aio.server(handlers=[_Echo()], options=[("grpc.so_reuseport", 0)])
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    sys.stdout.write(f"serves {bound}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
