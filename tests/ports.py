"""Ports of this machine."""

import itertools
import os
import socket
from contextlib import suppress

_FIRST, _END = 20_000, 32_768
"""Below those that Linux gives to whoever asks for any: nobody takes one between its choice and its use."""
_SLICES = 16
_slice = int(os.environ.get("PYTEST_XDIST_WORKER", "gw15").removeprefix("gw")) % _SLICES
_ports = list(range(_FIRST + _slice, _END, _SLICES))
# Two runs of the tests on one machine begin at different ones.
_start = os.getpid() % len(_ports)
_next = itertools.cycle(_ports[_start:] + _ports[:_start])


def free_port() -> int:
    """One that nothing listens on; each call gives another, and each process of the tests has its own."""
    for port in _next:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("unreachable")


def free_address() -> str:
    """HOST:PORT of this machine that nothing listens on."""
    return f"127.0.0.1:{free_port()}"
