"""A mail server (aiosmtpd) that keeps what it is sent, or behaves badly in the ways that real ones do."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str], str]
"""Recipient to the answer to its RCPT, such as `250 OK`."""


@dataclass
class Sink:
    """What came, and how the server behaves. Only complete mails that were answered with 250 are kept."""

    port: int = 0
    received: list[tuple[str, bytes]] = field(default_factory=list)
    on_recipient: Answer = lambda _: "250 OK"
    on_data: Answer = lambda _: "250 OK"
    hang_seconds: float = 0.0
    drop_in_data: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    transports: list[asyncio.BaseTransport] = field(default_factory=list)

    def mails(self) -> list[tuple[str, EmailMessage]]:
        """Pairs of recipient and mail. No property: aiosmtpd looks at every one, at each connection."""
        with self.lock:
            received = list(self.received)
        return [(to, message_from_bytes(data, policy=policy.default)) for to, data in received]

    # The names that aiosmtpd calls.
    async def handle_EHLO(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        assert server.transport is not None
        self.transports.append(server.transport)
        await asyncio.sleep(self.hang_seconds)
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.on_recipient(address)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.drop_in_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 nobody hears this"
        answer = self.on_data(envelope.rcpt_tos[0])
        if answer.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            with self.lock:
                self.received.append((envelope.rcpt_tos[0], content))
        return answer


class Server(Controller):
    """Listens until `stop`; a port of 0 is a free one."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink, hostname="127.0.0.1", port=sink.port, ready_timeout=10)
        self.sink = sink

    def stop(self, no_assert: bool = False) -> None:
        """With the connections that clients keep open."""
        self.hang_up()
        super().stop(no_assert)

    def hang_up(self) -> None:
        """Closes the connections that clients keep open."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result(10)

    async def _hang_up(self) -> None:
        for transport in self.sink.transports:
            transport.close()
        await asyncio.sleep(0.05)

    def _create_server(self) -> Any:
        return self.loop.create_server(
            self._factory_invoker, host=self.hostname, port=self.port, reuse_address=True
        )

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.sink.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd types none of it
