"""Limits of the process: file descriptors, and the end of a process that can no longer serve or stop."""

import os
import resource
import signal
import sys
import threading

import structlog

log = structlog.get_logger()

EXIT_CODE = 70
"""EX_SOFTWARE of sysexits.h."""

LATE_STOP_SECONDS = 5.0
"""After the time of an ordered stop."""

_VITAL_THREADS = ("watch", "call-watch")
_VITAL_SUFFIX = "(_serve)"
"""Of the thread in which grpcio serves all connections."""

_OF_NEW_THREADS = "in thread started by"
"""Python's words for an error before a thread runs, which may be another one than MemoryError."""


def raise_descriptor_limit() -> None:
    """Raises the soft limit of open files to the hard one: each connection takes a descriptor."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def end_within(seconds: float) -> None:
    """Ends the process after this time, by SIGALRM, unless it has ended by itself.

    A stop may need a thread or memory, and wait for ever without it. The kernel needs neither.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def end_with_vital_threads() -> None:
    """Ends the process if a thread dies without which it cannot serve, or for lack of memory.

    It would go on to accept connections, and answer none. Its supervisor starts a new one. A new thread may
    die before it runs, for lack of memory: then `Thread.start` would wait for it for ever.
    """
    before, before_unraisable = threading.excepthook, sys.unraisablehook

    def died(args: threading.ExceptHookArgs) -> None:
        before(args)
        name = args.thread.name if args.thread is not None else ""
        starved = issubclass(args.exc_type, MemoryError)
        if starved or name in _VITAL_THREADS or name.endswith(_VITAL_SUFFIX):
            _end(name, args.exc_type)

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        if issubclass(args.exc_type, MemoryError) or _OF_NEW_THREADS in (args.err_msg or ""):
            # It has no name yet, and to look for one would take memory.
            _end("", args.exc_type)
        before_unraisable(args)

    threading.excepthook, sys.unraisablehook = died, unraisable


def _end(thread: str, reason: type[BaseException]) -> None:
    try:
        log.critical("process ends", thread=thread, reason=reason.__name__)
    finally:
        # An ordered stop would wait for the dead thread.
        os._exit(EXIT_CODE)
