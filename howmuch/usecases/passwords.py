"""Password hashing with Argon2id, kept from slowing anything else, and the check for common passwords.

A hash takes tens of milliseconds of CPU and 19 MiB of memory by design. So it runs on threads of its own,
few and at a low priority, and a limited number of callers may wait for them. Callers beyond that are told to
come back. Every other call keeps its threads, its database connections and its share of the processor.

Log-ins have a hasher of their own, so that nothing else that hashes keeps people out.
"""

import os
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import argon2

from howmuch.errors import ResourceExhausted, invalid

# OWASP Password Storage Cheat Sheet: m=19456 KiB, t=2, p=1.
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
_NICENESS = 10

_FEWEST_GUESSES = 1_000_000
"""A password that zxcvbn finds with fewer is refused: the commonest ones, also with digits behind."""
_LONGEST_JUDGED = 40
"""Characters that zxcvbn looks at. It takes seconds for a few hundred."""
_MOST_OWN_WORDS = 12

T = TypeVar("T")


def _lower_priority() -> None:
    # Linux schedules each thread by its own niceness; elsewhere this is the process id and harmless.
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def normalized(password: str) -> str:
    """The form that is hashed: NFC, so that a password is the same from every keyboard."""
    return unicodedata.normalize("NFC", password)


def _forms(password: str) -> list[str]:
    """The normalized form, and those that were hashed before passwords were normalized."""
    return list(
        dict.fromkeys((normalized(password), password, unicodedata.normalize("NFD", password)))
    )


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
                "Too many passwords are checked at this moment. Try again in a second.",
                retry_after_seconds=1.0,
            )
        try:
            yield
        finally:
            self._waiting.release()

    def hash(self, password: str) -> str:
        """The hash to store, of the normalized form, in PHC string format."""
        return self._run(lambda: self._argon2.hash(normalized(password)))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right, in any form. None, for no account, takes as long and is False."""
        return self.verified_form(password_hash, password) is not None

    def verified_form(self, password_hash: str | None, password: str) -> str | None:
        """The form of the password that has this hash. None means that the password is wrong."""
        stored = password_hash or self._nobodys_hash

        def run() -> str | None:
            for form in _forms(password):
                try:
                    self._argon2.verify(stored, form)
                    return form
                except argon2.exceptions.VerifyMismatchError:
                    continue
            return None

        form = self._run(run)
        return None if password_hash is None else form

    def check_uncommon(self, password: str, field: str, own_words: Sequence[str]) -> None:
        """InvalidArgument for a password that is easy to guess. own_words: address and name of the user."""
        if self._run(lambda: _guesses(password, own_words)) < _FEWEST_GUESSES:
            raise invalid(
                field,
                "PASSWORD_TOO_COMMON",
                "This password is easy to guess: it is common, a pattern, or close to your address or name."
                " Take a few words that do not belong together.",
            )

    def close(self) -> None:
        """Lets running hashes end and takes no more."""
        self._executor.shutdown()

    def _run(self, work: Callable[[], T]) -> T:
        return self._executor.submit(work).result()


def _guesses(password: str, own_words: Sequence[str]) -> int:
    # Its lists take a tenth of a second to load.
    from zxcvbn import zxcvbn

    words: list[str] = []
    for text in own_words:
        words += [text, *text.replace("@", " ").replace(".", " ").split()]
    judged = normalized(password).casefold()[:_LONGEST_JUDGED]
    return int(zxcvbn(judged, user_inputs=["howmuch", *words[:_MOST_OWN_WORDS]])["guesses"])
