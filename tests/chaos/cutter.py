"""A TCP proxy in front of a server, which can cut, refuse and stall connections, and lose answers."""

import socket
import threading
from contextlib import suppress

CONNECT_SECONDS = 5


class Cutter:
    """Passes bytes between its own port and a port of this machine. port: its own."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._refusing = False
        self._losing = False
        self._flowing = threading.Event()
        self._flowing.set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def cut(self) -> int:
        """Breaks all connections. Returns how many there were."""
        with self._lock:
            broken = list(self._sockets)
        for each in broken:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        return len(broken) // 2

    def refuse(self) -> None:
        """Breaks all connections, and new ones at once, until `pass_on`."""
        self._refusing = True
        self.cut()

    def stall(self) -> None:
        """Keeps connections open and passes no byte, until `pass_on`."""
        self._flowing.clear()

    def lose_answers(self) -> None:
        """Passes requests, and throws the answers away, until `pass_on`."""
        self._losing = True

    def pass_on(self) -> None:
        """After `refuse`, `stall` and `lose_answers`. Connections that lost an answer are broken."""
        if self._losing:
            self.cut()
            self._losing = False
        self._refusing = False
        self._flowing.set()

    def close(self) -> None:
        """Breaks all connections, and listens no more."""
        self.refuse()
        self._flowing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._refusing:
                    near.close()
                else:
                    threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self._to_port), CONNECT_SECONDS)
            far.settimeout(None)
            with far:
                pair = {near, far}
                with self._lock:
                    self._sockets |= pair
                try:
                    if self._refusing:  # since it was accepted
                        return
                    back = threading.Thread(target=self._pass, args=(far, near, True), daemon=True)
                    back.start()
                    self._pass(near, far)
                    back.join()
                finally:
                    with self._lock:
                        self._sockets -= pair

    def _pass(self, giving: socket.socket, taking: socket.socket, answers: bool = False) -> None:
        with suppress(OSError):
            while data := giving.recv(65536):
                self._flowing.wait()
                if not (answers and self._losing):
                    taking.sendall(data)
        for each in (taking, giving):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
