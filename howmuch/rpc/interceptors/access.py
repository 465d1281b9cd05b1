"""Enforces what the proto files declare: who may call each method. The only place that does."""

from typing import Any

import grpc

from howmuch.access import authenticate, authorize
from howmuch.ids import EVENT, check_id
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method


class AccessInterceptor(MethodInterceptor):
    """Finds the caller by the session token, and their role in the event that the request names."""

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Inside the transaction, so that session, role and data are of one moment."""
        if method.public:
            return behavior

        def allowed(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            if method.role is None:
                call.known_caller = authenticate(call.connection, call.token_hash, call.now)
            else:
                event_id = check_id(EVENT, method.event_id_of(request), method.event_field)
                call.known_caller = authorize(
                    call.connection, call.token_hash, call.now, event_id, method.role
                )
            return behavior(request, context, *send)

        return allowed
