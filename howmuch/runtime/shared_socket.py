"""Several processes accept from one listening socket; the one with the fewest connections goes first.

With a socket for each process (SO_REUSEPORT) the kernel would choose at random: of eight connections to two
processes, each gets four only one time in four. It would also lose the queue of a process that dies.
"""

import mmap
import socket
import tempfile
from typing import IO, NamedTuple

_WORD = 8
_ABSENT = -1


def bound_socket(address: str) -> socket.socket:
    """A socket bound to HOST:PORT. Raises OSError, in one line, if the address is in use or invalid."""
    host, _, port = address.rpartition(":")
    family, kind, protocol, _, bound = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        # Without this, the port of a server that has just ended would be in use for a minute.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(bound)
    except OSError as error:
        made.close()
        raise OSError(
            f"cannot listen on {address}: {error.strerror}; choose another address"
        ) from error
    return made


class Counts:
    """The number of connections of each process, in shared memory. Each process writes its own."""

    def __init__(self, file: int, processes: int) -> None:
        self._words = memoryview(mmap.mmap(file, processes * _WORD)).cast("q")

    def __setitem__(self, process: int, connections: int) -> None:
        self._words[process] = connections

    def remove(self, process: int) -> None:
        """Removes a process that accepts no more, so that no other process waits for it."""
        self._words[process] = _ABSENT

    def has_fewest(self, process: int) -> bool:
        mine = self._words[process]
        return all(theirs >= mine for theirs in self._words if theirs != _ABSENT)


class Inherited(NamedTuple):
    """File descriptors that a worker process inherits."""

    socket_file: int
    counts_file: int


class SharedListener:
    """The parent's side. It keeps the socket bound while its processes are replaced."""

    def __init__(self, address: str, processes: int) -> None:
        self._address = address
        self._processes = processes
        self._socket: socket.socket | None = None
        self._file: IO[bytes] | None = None
        self._counts: Counts | None = None

    def open(self) -> None:
        """Binds the address. Raises OSError as `bound_socket` does."""
        self._socket = bound_socket(self._address)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._file.truncate(self._processes * _WORD)
        self._counts = Counts(self._file.fileno(), self._processes)
        for process in range(self._processes):
            self._counts.remove(process)

    @property
    def inherited(self) -> Inherited:
        """Valid only between open and close."""
        assert self._socket is not None
        assert self._file is not None
        return Inherited(self._socket.fileno(), self._file.fileno())

    def process_ended(self, process: int) -> None:
        """Removes a dead process from the connection counts."""
        if self._counts is not None:
            self._counts.remove(process)

    def close(self) -> None:
        """Closes the parent's socket. The processes that have inherited it keep it open."""
        if self._socket is not None:
            self._socket.close()
        if self._file is not None:
            self._file.close()


class Share:
    """A worker process's side."""

    def __init__(self, process: int, processes: int, inherited: Inherited) -> None:
        self.socket = socket.socket(fileno=inherited.socket_file)
        self._counts = Counts(inherited.counts_file, processes)
        self._process = process

    def count(self, connections: int) -> None:
        self._counts[self._process] = connections

    def leave(self) -> None:
        """This process accepts no more."""
        self._counts.remove(self._process)

    def goes_first(self) -> bool:
        return self._counts.has_fewest(self._process)
