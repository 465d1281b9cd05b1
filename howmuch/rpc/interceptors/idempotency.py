"""Answers a repeated write with the first answer, if the caller sends `idempotency-key`."""

import datetime as dt
import functools
import hashlib
import hmac
from typing import Any

import grpc
from google.protobuf.descriptor import Descriptor

from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.session import bearer_token
from howmuch.rpc.methods import Method
from howmuch.usecases.idempotency import Key, claim, store_response
from howmuch.usecases.validation import check_idempotency_key


class IdempotencyInterceptor(MethodInterceptor):
    """Public methods take no keys, since a key belongs to a user. kept: how long answers are kept."""

    def __init__(self, methods: dict[str, Method], kept: dt.timedelta) -> None:
        super().__init__(methods)
        self._kept = kept

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
            stored = claim(*owner, call.now, self._kept)
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
    asked = request.SerializeToString(deterministic=True)
    if _has_secret(request.DESCRIPTOR):
        # A plain hash would let a reader of the database try passwords by the million. The database has no
        # session token, so without one they cannot try any. Such a key is of one session.
        session = hashlib.sha256(b"idempotency " + bearer_token(call).encode()).digest()
        return Key(key, hmac.digest(session, call.method.path.encode() + asked, "sha256"))
    digest = hashlib.sha256(call.method.path.encode())
    digest.update(asked)
    return Key(key, digest.digest())


@functools.cache
def _has_secret(message: Descriptor) -> bool:
    """Whether the proto file marks a field of the message, or of one in it, with `debug_redact`."""
    return _holds_secret(message, frozenset())


def _holds_secret(message: Descriptor, entered: frozenset[str]) -> bool:
    return any(
        field.GetOptions().debug_redact
        or (
            field.message_type is not None
            and field.message_type.full_name not in entered
            and _holds_secret(field.message_type, entered | {field.message_type.full_name})
        )
        for field in message.fields
    )
