"""Password hashing with Argon2id, kept from slowing anything else.

A hash takes tens of milliseconds of CPU and 19 MiB of memory by design. So it runs on threads of its own,
few and at a low priority, and a limited number of callers may wait for them. Log-ins beyond that are told to
come back. Every other call keeps its threads, its database connections and its share of the processor.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import argon2

from howmuch.errors import ResourceExhausted

# OWASP Password Storage Cheat Sheet: m=19456 KiB, t=2, p=1.
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
_NICENESS = 10


def _lower_priority() -> None:
    # Linux schedules each thread by its own niceness; elsewhere this is the process id and harmless.
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class PasswordHasher:
    """Hashes and verifies. threads: hashes at once. most_waiting: callers that may wait or hash."""

    def __init__(self, *, threads: int = 1, most_waiting: int = 12) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES
        )
        self._executor = ThreadPoolExecutor(threads, "password", initializer=_lower_priority)
        self._waiting = threading.BoundedSemaphore(most_waiting)
        self._nobodys_hash = self._argon2.hash("nobody has this password")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place among those who may wait for a thread; a caller without one is refused at once.

        Take it before anything that costs, such as looking the account up, and hash inside it.
        """
        if not self._waiting.acquire(blocking=False):
            raise ResourceExhausted(
                "TOO_MANY_PASSWORD_CHECKS",
                "Too many people are logging in at this moment. Try again in a second.",
                retry_after_seconds=1.0,
            )
        try:
            yield
        finally:
            self._waiting.release()

    def hash(self, password: str) -> str:
        """The hash to store, in PHC string format."""
        return self._executor.submit(self._argon2.hash, password).result()

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right. None, for no account, takes as long and is False."""

        def run() -> bool:
            try:
                return self._argon2.verify(password_hash or self._nobodys_hash, password)
            except argon2.exceptions.VerifyMismatchError:
                return False

        return self._executor.submit(run).result() and password_hash is not None

    def close(self) -> None:
        """Lets running hashes end and takes no more."""
        self._executor.shutdown()
