"""Clients that ask without a pause until nobody answers any more, and remember what became of it."""

import asyncio
import itertools
from dataclasses import dataclass, field

WAIT_SECONDS = 20.0


@dataclass
class Load:
    """port: of the gateway. answered, silent: ids of requests that got their answer, or no byte of it."""

    port: int
    keep: bool
    answered: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    closes: int = 0  # answers that said that their connection ends
    refused: int = 0  # connections that were not accepted any more

    async def run(self, clients: int, prefix: str) -> None:
        """Until connections are refused."""
        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(self._client(f"{prefix}{number}"))

    async def _client(self, name: str) -> None:
        numbers = itertools.count()
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.refused += 1
                return
            try:
                while await self._ask(reader, writer, f"{name}-{next(numbers)}"):
                    pass
            finally:
                writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request_id: str
    ) -> bool:
        """Whether the connection can be used again."""
        head = f"GET /v1/resp?id={request_id} HTTP/1.1\r\nhost: x\r\n"
        head += "" if self.keep else "connection: close\r\n"
        body = f'{{"id":"{request_id}"}}'.encode()
        answer = b""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                writer.write(f"{head}\r\n".encode())
                answer = await reader.readuntil(b"\r\n\r\n")
                answer += await reader.readexactly(len(body))
        except asyncio.IncompleteReadError as error:
            answer += error.partial
        except ConnectionError:
            pass
        if not answer:
            self.silent.append(request_id)
            return False
        if answer.startswith(b"HTTP/1.1 200 ") and answer.endswith(body):
            self.answered.append(request_id)
        else:
            self.wrong.append(f"{request_id}: {answer!r}")
        if b"\r\nconnection: close\r\n" in answer:
            self.closes += 1
            return False
        return True
