"""A mail server that takes everything and keeps nothing, as cheaply as Python can.

Prints its port, then a line for each mail that it has answered with 250.
"""

import asyncio
import sys

_END = b"\r\n.\r\n"


class _Sink(asyncio.Protocol):
    transport: asyncio.Transport
    buffer = b""
    in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while True:
            end = self.buffer.find(_END if self.in_data else b"\r\n")
            if end < 0:
                return
            if self.in_data:
                self.buffer = self.buffer[end + len(_END) :]
                self.in_data = False
                self.transport.write(b"250 OK\r\n")
                sys.stdout.write("\n")
                sys.stdout.flush()
                continue
            command, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
            self.in_data = command[:4].upper() == b"DATA"
            self.transport.write(b"354 go on\r\n" if self.in_data else b"250 OK\r\n")


async def main() -> None:
    """Until it is killed."""
    server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
