"""Enforces the access that the proto files declare, for every call that reaches a servicer.

CreateExpense's fast path (interceptors.fast_add) and open streams (rpc.watch) authorize by the same use case.
"""

from typing import Any

import grpc

from howmuch.errors import Violations
from howmuch.ids import EVENT, check_id
from howmuch.model import Caller
from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method, getter
from howmuch.rpc.session_cache import SessionCache
from howmuch.usecases.access import authenticate, authorize, authorize_known, hold_session


class AccessInterceptor(MethodInterceptor):
    """Finds the caller by the session token, and their role in the event that the request names."""

    def __init__(self, methods: dict[str, Method], cache: SessionCache) -> None:
        super().__init__(methods)
        self._cache = cache

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Inside the transaction, so that session, role and data are of one moment.

        A write asks the database for its session, never the cache, and holds it until the commit. A write to
        an event does so under the event's lock (usecases.event_writes), any other one here, at its end.
        """
        if method.public:
            return behavior

        def allowed(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            event_id = ""
            if method.role is not None:
                event_id = _event_id(method, request)
            known = None
            if not method.writes:
                known = self._cache.get(call.token_hash, call.now, call.generation)
            if known is None:
                call.known_caller = self._find(call, event_id)
            elif method.role is None:
                call.known_caller = known
            else:
                call.known_caller = authorize_known(call.connection, known, event_id, method.role)
            response = behavior(request, context, *send)
            if method.writes and method.role is None and not call.ends_own_session:
                hold_session(call.connection, call.caller, call.now)
            return response

        return allowed

    def _find(self, call: Call, event_id: str) -> Caller:
        """Session and membership from the database."""
        moment, role = self._cache.moment, call.method.role
        if role is None:
            caller = authenticate(call.connection, call.token_hash, call.now)
        else:
            caller = authorize(call.connection, call.token_hash, call.now, event_id, role)
        self._cache.remember(call.token_hash, caller, moment, call.generation)
        return caller


def _event_id(method: Method, request: Any) -> str:
    """The id of the event that a request names.

    Only a member is told more than that it is malformed; other ids in the path are the caller's own words.
    """
    event_id = method.event_id_of(request)
    wrong = Violations()
    with wrong:
        check_id(EVENT, event_id, method.event_field)
    if wrong:
        for field, kind in method.path_ids:
            with wrong:
                check_id(kind, getter(field)(request), field)
    wrong.raise_any()
    return event_id
