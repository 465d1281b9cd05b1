"""Answers a repeated write with the first answer, where the caller sends `idempotency-key`."""

import hashlib
from typing import Any

import grpc

from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.usecases.idempotency import Key, claim, store_response
from howmuch.usecases.validation import check_idempotency_key


class IdempotencyInterceptor(MethodInterceptor):
    """Keys belong to a user, so public methods take none."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Innermost: in the transaction of the work, and for a caller who may do it."""
        if method.public or not method.writes:
            return behavior

        def once(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            given = given_key(call, request)
            if given is None:
                return behavior(request, context, *send)
            owner = call.connection, call.caller.user_id, given
            stored = claim(*owner, call.now)
            if stored is not None:
                return method.response.FromString(stored)
            response = behavior(request, context, *send)
            store_response(*owner, response.SerializeToString())
            return response

        return once


def given_key(call: Call, request: Any) -> Key | None:
    """The key of a call; None where it has none. InvalidArgument for one that is none.

    An empty one is refused: who sends it believes that a repetition is safe.
    """
    if "idempotency-key" not in call.metadata:
        return None
    key = call.header("idempotency-key")
    check_idempotency_key(key)
    digest = hashlib.sha256(call.method.path.encode())
    digest.update(request.SerializeToString(deterministic=True))
    return Key(key, digest.digest())
