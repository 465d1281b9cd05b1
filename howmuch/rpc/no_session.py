"""The refusal of a call without a session: by the server, or by its gateway before the body is read."""

from howmuch.errors import Unauthenticated


def no_session() -> Unauthenticated:
    return Unauthenticated(
        "SESSION_REQUIRED",
        "This needs a session: log in, and send `authorization: Bearer TOKEN`.",
    )
