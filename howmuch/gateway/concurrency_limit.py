"""The bound on concurrent calls."""

from google.rpc import code_pb2

from howmuch.gateway.status import refusal


class ConcurrencyLimit:
    """Context manager: admits up to `size` calls at a time, and raises Refusal (503) for more."""

    def __init__(self, size: int) -> None:
        self._left = size

    def __enter__(self) -> None:
        if self._left <= 0:
            raise refusal(
                code_pb2.UNAVAILABLE,
                "TOO_MANY_REQUESTS_IN_FLIGHT",
                "Too many requests are in progress. Try again in a moment.",
            )
        self._left -= 1

    def __exit__(self, *_: object) -> None:
        self._left += 1
