"""A listening socket, and how several processes accept from one: who has the fewest connections goes first.

With a socket for each process (SO_REUSEPORT) the kernel would draw lots: of eight connections to two
processes, four come to each only one time in four; and what waits in the queue of one that dies is lost.
"""

import mmap
import socket
import tempfile
from typing import IO

_WORD = 8
_ABSENT = -1


def bound_socket(address: str) -> socket.socket:
    """A socket for HOST:PORT, where nobody else listens. OSError, in one line, where it cannot be had."""
    host, _, port = address.rpartition(":")
    family, kind, protocol, _, bound = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    made = socket.socket(family, kind, protocol)
    try:
        # Without this, a server that has just ended would seem to have the port for a minute.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(bound)
    except OSError as error:
        made.close()
        raise OSError(
            f"cannot listen on {address}: {error.strerror}; choose another address"
        ) from error
    return made


class Counts:
    """How many connections each process has, in memory that they share. Each writes its own."""

    def __init__(self, file: int, processes: int) -> None:
        self._words = memoryview(mmap.mmap(file, processes * _WORD)).cast("q")

    def __setitem__(self, process: int, connections: int) -> None:
        self._words[process] = connections

    def remove(self, process: int) -> None:
        """A process that does not accept any more: nobody leaves a connection to it."""
        self._words[process] = _ABSENT

    def has_fewest(self, process: int) -> bool:
        """Whether no process that accepts has fewer."""
        mine = self._words[process]
        return all(theirs >= mine for theirs in self._words if theirs != _ABSENT)


class SharedListener:
    """The parent's side: it has the socket bound for as long as its processes are to be replaced."""

    def __init__(self, address: str, processes: int) -> None:
        self._address = address
        self._processes = processes
        self._socket: socket.socket | None = None
        self._file: IO[bytes] | None = None
        self._counts: Counts | None = None

    def open(self) -> None:
        """Takes the address. OSError, in one line, where it cannot be had."""
        self._socket = bound_socket(self._address)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._file.truncate(self._processes * _WORD)
        self._counts = Counts(self._file.fileno(), self._processes)
        for process in range(self._processes):
            self._counts.remove(process)

    @property
    def inherited(self) -> tuple[int, int]:
        """File descriptors that a process has to inherit. Only between open and close."""
        assert self._socket is not None
        assert self._file is not None
        return self._socket.fileno(), self._file.fileno()

    def process_ended(self, process: int) -> None:
        """One that has died cannot say so."""
        if self._counts is not None:
            self._counts.remove(process)

    def close(self) -> None:
        """From now on only processes that have inherited the socket keep it open."""
        if self._socket is not None:
            self._socket.close()
        if self._file is not None:
            self._file.close()


class Share:
    """The side of one of several processes. socket_file, counts_file: descriptors that it has inherited."""

    def __init__(self, process: int, processes: int, socket_file: int, counts_file: int) -> None:
        self.socket = socket.socket(fileno=socket_file)
        self._counts = Counts(counts_file, processes)
        self._process = process

    def count(self, connections: int) -> None:
        """Tells the others how many this process has."""
        self._counts[self._process] = connections

    def leave(self) -> None:
        """This process accepts no more."""
        self._counts.remove(self._process)

    def goes_first(self) -> bool:
        """Whether the next connection is this process's to accept."""
        return self._counts.has_fewest(self._process)
