"""Enforces what the proto files declare: who may call each method. The only place that does."""

from typing import Any

import grpc

from howmuch.ids import EVENT, check_id
from howmuch.model import Caller
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.rpc.session_cache import SessionCache
from howmuch.usecases.access import authenticate, authorize, authorize_known


class AccessInterceptor(MethodInterceptor):
    """Finds the caller by the session token, and their role in the event that the request names."""

    def __init__(self, methods: dict[str, Method], cache: SessionCache) -> None:
        super().__init__(methods)
        self._cache = cache

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Inside the transaction, so that session, role and data are of one moment."""
        if method.public:
            return behavior

        def allowed(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            event_id = ""
            if method.role is not None:
                event_id = check_id(EVENT, method.event_id_of(request), method.event_field)
            known = self._cache.get(call.token_hash, call.now)
            call.known_caller = (
                self._ask(call, event_id)
                if known is None
                else self._ask_of_event(call, known, event_id)
            )
            return behavior(request, context, *send)

        return allowed

    def _ask(self, call: Call, event_id: str) -> Caller:
        """Session and place in the event, as the database has them."""
        moment = self._cache.moment
        role = call.method.role
        if role is None:
            caller = authenticate(call.connection, call.token_hash, call.now)
        else:
            caller = authorize(call.connection, call.token_hash, call.now, event_id, role)
        self._cache.remember(call.token_hash, caller, moment)
        return caller

    def _ask_of_event(self, call: Call, known: Caller, event_id: str) -> Caller:
        role = call.method.role
        if role is None:
            return known
        return authorize_known(call.connection, known, event_id, role)
