"""Reads the session token of a call, and refuses a call without one before it costs anything."""

from typing import Any

import grpc

from howmuch.errors import Unauthenticated
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.usecases.tokens import hash_token


class SessionInterceptor(MethodInterceptor):
    """Requires a bearer token, unless the method is public."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around the transaction, which looks the session up."""
        if method.public:
            return behavior

        def with_token(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            call.token_hash = hash_token(_bearer_token(call))
            return behavior(request, context, *send)

        return with_token


def _bearer_token(call: Call) -> str:
    scheme, _, token = call.header("authorization").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated(
            "SESSION_REQUIRED",
            "This needs a session: log in, and send `authorization: Bearer TOKEN`.",
        )
    return token.strip()
