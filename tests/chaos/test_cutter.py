"""The proxy that cuts connections."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.chaos.cutter import Cutter
from tests.waiting import comes_true


@pytest.fixture
def cutter() -> Iterator[Cutter]:
    """In front of a server that sends back every byte."""
    with socket.create_server(("127.0.0.1", 0)) as echo:
        threading.Thread(target=answer_all, args=(echo,), daemon=True).start()
        made = Cutter(echo.getsockname()[1])
        yield made
        made.close()
        echo.shutdown(socket.SHUT_RDWR)


def answer_all(echo: socket.socket) -> None:
    with suppress(OSError):
        while True:
            threading.Thread(target=answer, args=(echo.accept()[0],), daemon=True).start()


def answer(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        while data := connection.recv(100):
            connection.sendall(data)


def connected(cutter: Cutter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", cutter.port), 10)


def said(connection: socket.socket, text: bytes) -> bytes:
    """The answer; empty if the connection is broken."""
    with suppress(ConnectionError):
        connection.sendall(text)
        return connection.recv(100)
    return b""


def test_cut_breaks_the_connections_that_there_are(cutter: Cutter) -> None:
    """A new one works."""
    with connected(cutter) as old:
        assert said(old, b"one") == b"one"
        assert cutter.cut() == 1
        assert said(old, b"two") == b""
        with connected(cutter) as new:
            assert said(new, b"three") == b"three"


def test_refuse_breaks_new_connections_too(cutter: Cutter) -> None:
    """Until it passes on again."""
    cutter.refuse()
    with connected(cutter) as refused:
        assert said(refused, b"one") == b""
    cutter.pass_on()
    with connected(cutter) as new:
        assert said(new, b"two") == b"two"


def test_stall_keeps_connections_and_passes_nothing(cutter: Cutter) -> None:
    """All that was sent meanwhile comes afterwards."""
    with connected(cutter) as stalled:
        cutter.stall()
        stalled.sendall(b"one")
        stalled.setblocking(False)
        assert not comes_true(lambda: has_come(stalled), seconds=0.2)
        cutter.pass_on()
        assert comes_true(lambda: has_come(stalled), seconds=10)


def test_lose_answers_passes_requests_alone(cutter: Cutter) -> None:
    """The server answered, and the client is cut off."""
    with connected(cutter) as losing:
        assert said(losing, b"one") == b"one"
        cutter.lose_answers()
        losing.sendall(b"two")
        losing.setblocking(False)
        assert not comes_true(lambda: has_come(losing), seconds=0.2)
        losing.setblocking(True)
        cutter.pass_on()
        assert said(losing, b"three") == b""
        with connected(cutter) as new:
            assert said(new, b"four") == b"four"


def has_come(connection: socket.socket) -> bool:
    with suppress(BlockingIOError):
        return connection.recv(100) == b"one"
    return False
