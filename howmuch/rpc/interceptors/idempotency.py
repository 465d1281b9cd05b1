"""Answers a repeated write with the first answer, if the caller sends `idempotency-key`."""

import hashlib
from typing import Any

import grpc

from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.usecases.idempotency import Key, claim, store_response
from howmuch.usecases.validation import check_idempotency_key


class IdempotencyInterceptor(MethodInterceptor):
    """Public methods take no keys, since a key belongs to a user."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """In the transaction of the write, and only for a caller who may write."""
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
    """The key of a call; None means that it sends none. InvalidArgument for a malformed key.

    An empty key is refused too: its sender relies on it.
    """
    if "idempotency-key" not in call.metadata:
        return None
    key = call.header("idempotency-key")
    check_idempotency_key(key)
    digest = hashlib.sha256(call.method.path.encode())
    digest.update(request.SerializeToString(deterministic=True))
    return Key(key, digest.digest())
