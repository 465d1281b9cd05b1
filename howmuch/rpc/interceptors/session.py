"""Reads the session token of a call, and refuses a call without one before it costs anything."""

from typing import Any

import grpc

from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.rpc.no_session import no_session
from howmuch.rpc.session_use import SessionUse
from howmuch.usecases.tokens import hash_token


class SessionInterceptor(MethodInterceptor):
    """Requires a bearer token, unless the method is public.

    use: where the use of a session is noted. None means nowhere.
    """

    def __init__(self, methods: dict[str, Method], use: SessionUse | None = None) -> None:
        super().__init__(methods)
        self._use = use

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around the transaction, which looks the session up."""
        if method.public:
            return behavior

        def with_token(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            call.token_hash = hash_token(_needed_token(call))
            try:
                return behavior(request, context, *send)
            finally:
                if self._use is not None and call.known_caller is not None:
                    self._use.note(call.known_caller, call.now)

        return with_token


def bearer_token(call: Call) -> str:
    """The session token of a call, in its one spelling. Empty means that it sends no token."""
    scheme, _, token = call.header("authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _needed_token(call: Call) -> str:
    token = bearer_token(call)
    if not token:
        raise no_session()
    return token
