"""The bound on the memory of all request bodies together."""

from google.rpc import code_pb2

from howmuch.gateway.status import refusal

SMALL_BYTES = 16 * 1024
"""The part of each body that is always admitted: large bodies never keep small requests out."""


class BodyBudget:
    """most_bytes: of all bodies, without the first SMALL_BYTES of each."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._taken = 0

    def grow(self, held: int, added: int) -> int:
        """The new size of a body. held: its size so far. Raises Refusal 503 if the memory is taken."""
        more = _counted(held + added) - _counted(held)
        if more and self._taken + more > self._most:
            raise refusal(
                code_pb2.UNAVAILABLE,
                "TOO_MANY_LARGE_REQUESTS",
                "Too many large requests are in progress. Try again in a moment.",
            )
        self._taken += more
        return held + added

    def release(self, held: int) -> None:
        """Ends a body of this size."""
        self._taken -= _counted(held)


def _counted(size: int) -> int:
    return max(0, size - SMALL_BYTES)
