"""A server that is far away: a connection to it takes long before anything comes over it."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass


@dataclass
class Far:
    """port: where it is reached. connections: how many were made so far."""

    port: int
    connections: int = 0


@contextmanager
def far(port: int, seconds: float) -> Iterator[Far]:
    """What listens on a port of this machine, `seconds` later, in a block."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = Far(listener.getsockname()[1])
        accepting = threading.Thread(target=_accept, args=(listener, there, port, seconds))
        accepting.start()
        try:
            yield there
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener: socket.socket, there: Far, port: int, seconds: float) -> None:
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            there.connections += 1
            threading.Thread(target=_carry, args=(near, port, seconds), daemon=True).start()


def _carry(near: socket.socket, port: int, seconds: float) -> None:
    time.sleep(seconds)
    with closing(near), socket.create_connection(("127.0.0.1", port)) as server:
        back = threading.Thread(target=_pass, args=(server, near), daemon=True)
        back.start()
        _pass(near, server)
        back.join()


def _pass(giving: socket.socket, taking: socket.socket) -> None:
    with suppress(OSError):
        while data := giving.recv(65536):
            taking.sendall(data)
    with suppress(OSError):
        taking.shutdown(socket.SHUT_RDWR)
