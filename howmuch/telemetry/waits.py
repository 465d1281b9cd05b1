"""The time that the present call has waited for locks of the database, for its log line."""

from contextvars import ContextVar

_lock_seconds: ContextVar[float] = ContextVar("lock_seconds", default=0.0)


def reset_waits() -> None:
    """At the start of a call: its thread has served others."""
    _lock_seconds.set(0.0)


def add_lock_wait(seconds: float) -> None:
    _lock_seconds.set(_lock_seconds.get() + seconds)


def lock_wait_seconds() -> float:
    return _lock_seconds.get()
