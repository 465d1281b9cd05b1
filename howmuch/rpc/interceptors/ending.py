"""How a stream that waited without a thread has ended."""

import grpc


def ending_of(context: grpc.ServicerContext) -> grpc.StatusCode:
    """The code, once the call is over: the server's, or what the client's going away means."""
    # Typed not at all, it is None where nobody has set one.
    code: grpc.StatusCode | None = context.code()  # type: ignore[attr-defined]
    if code is not None:
        return code
    remaining: float | None = context.time_remaining()
    if remaining is not None and remaining <= 0:
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
