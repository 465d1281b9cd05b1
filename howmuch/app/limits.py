"""Limits of the process: file descriptors, and the end of a process that can no longer serve."""

import os
import resource
import threading

import structlog

log = structlog.get_logger()

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""

_VITAL_THREADS = ("watch", "call-watch")
_VITAL_SUFFIX = "(_serve)"
"""Of the thread in which grpcio serves all connections."""


def raise_descriptor_limit() -> None:
    """Raises the soft limit of open files to the hard one: each connection takes a descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def end_with_vital_threads() -> None:
    """Ends the process if a thread dies without which it cannot serve, or for lack of memory.

    It would go on to accept connections, and answer nothing. Its supervisor starts a new one.
    """
    before = threading.excepthook

    def died(args: threading.ExceptHookArgs) -> None:
        before(args)
        name = args.thread.name if args.thread is not None else ""
        starved = issubclass(args.exc_type, MemoryError)
        if starved or name in _VITAL_THREADS or name.endswith(_VITAL_SUFFIX):
            try:
                log.critical("process ends", thread=name, reason=args.exc_type.__name__)
            finally:
                # An ordered stop would wait for the dead thread.
                os._exit(EXIT_CODE)

    threading.excepthook = died
