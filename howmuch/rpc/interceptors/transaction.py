"""One call, one transaction: committed when the servicer returns, rolled back when it raises."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import grpc

from howmuch.broadcast.local import Broadcast
from howmuch.rpc.call import current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.interceptors.deadline import seconds_left
from howmuch.rpc.methods import Method
from howmuch.storage.database import Database
from howmuch.storage.database_errors import deadline_exceeded

Preparation = Callable[[Any], Any]
"""Slow work that needs no transaction, such as hashing a password. Its result is Call.prepared."""


class TransactionInterceptor(MethodInterceptor):
    """Methods that declare no side effects get a transaction that cannot write.

    preparations: method path to a function to run before the transaction. broadcast: told after a write
    which event changed, empty where the method names none, and whose sessions ended.
    """

    def __init__(
        self,
        methods: dict[str, Method],
        database: Database,
        preparations: Mapping[str, Preparation],
        broadcast: Broadcast,
    ) -> None:
        super().__init__(methods)
        self._database = database
        self._preparations = preparations
        self._broadcast = broadcast

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around everything that reads or writes."""
        prepare = self._preparations.get(method.path)
        begin = self._database.begin if method.writes else self._database.read

        def transacted(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            if prepare is not None:
                call.prepared = prepare(request)
            try:
                with begin(call.timeout_seconds) as connection:
                    call.open_connection = connection
                    call.generation = self._database.generation_of(connection)
                    response = behavior(request, context, *send)
                    if method.writes:
                        _check_in_time(context)
            finally:
                call.open_connection = None
            if method.writes:
                if call.sessions_ended_of:
                    self._broadcast.tell("user", call.sessions_ended_of)
                self._broadcast.tell("event", method.event_id_of(request) if method.role else "")
            return response

        return transacted


def _check_in_time(context: grpc.ServicerContext) -> None:
    """Before the commit, so that a call that ended with DEADLINE_EXCEEDED has written nothing."""
    if seconds_left(context, math.inf) <= 0:
        raise deadline_exceeded()
