"""Gives every call a deadline, and refuses calls whose deadline has passed."""

from typing import Any

import grpc

from howmuch.errors import DeadlineExceeded
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method


class DeadlineInterceptor(MethodInterceptor):
    """Sets the rest of the deadline, which bounds the statements of the call."""

    def __init__(
        self, methods: dict[str, Method], *, default_seconds: float, longest_seconds: float
    ) -> None:
        super().__init__(methods)
        self._default = default_seconds
        self._longest = longest_seconds

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around everything that may take time."""

        def bounded(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            seconds = seconds_left(context, self._longest, self._default)
            if seconds <= 0:
                raise DeadlineExceeded(
                    "DEADLINE_EXCEEDED",
                    "The deadline passed before the call could begin; nothing was written.",
                )
            current_call().timeout_seconds = seconds
            return behavior(request, context, *send)

        return bounded


def seconds_left(
    context: grpc.ServicerContext, longest: float, without_deadline: float | None = None
) -> float:
    """Seconds until the deadline of the call, at most `longest`.

    without_deadline: for a call without one; None means `longest`.
    """
    # Typed as a float; None means that the client set no deadline.
    remaining: float | None = context.time_remaining()
    if remaining is None:
        return longest if without_deadline is None else without_deadline
    return min(remaining, longest)
