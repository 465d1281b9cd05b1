"""Refuses writes beyond a quota, and counts those that are committed."""

from collections.abc import Mapping
from typing import Any

import grpc

from howmuch.rpc.call import Call, current_call
from howmuch.rpc.interceptors.base import Behavior, MethodInterceptor
from howmuch.rpc.methods import Method
from howmuch.rpc.quotas import QuotaKeeper
from howmuch.storage.written import measured
from howmuch.usecases.usage import UsageKey
from howmuch.v1 import event_pb2

_ALWAYS = frozenset(("LogOut", "RevokeSession", "ChangePassword", "DeleteMe"))
"""Methods that no quota refuses: with them users protect themselves."""

_WITHOUT_BYTES = frozenset(
    ("DeleteEvent", "DeleteExpense", "RemoveMember", "RevokeInvitation", "UpdateMe")
)
"""Methods that are possible when the bytes are used up."""


def _name(method: Method) -> str:
    return method.path.rpartition("/")[2]


def _is_counted(method: Method) -> bool:
    return method.writes and not method.public


def wanted_by(method: Method, request: Any) -> Mapping[str, int]:
    """The numbers that a call needs of the quotas by day."""
    match _name(method):
        case "CreateEvent":
            return {"events_per_day": 1}
        case "AddMember":
            return {"members_per_day": 1, **({"invitations_per_day": 1} if request.email else {})}
        case "CreateInvitation":
            return {"invitations_per_day": 1}
    return {}


class Admission:
    """Admits a call once, when its caller is known."""

    def __init__(self, keeper: QuotaKeeper) -> None:
        self._keeper = keeper

    def __call__(self, call: Call, user_id: str, event_id: str, request: Any) -> None:
        """ResourceExhausted if a quota is used up."""
        name = _name(call.method)
        if call.admitted or name in _ALWAYS:
            return
        self._keeper.admit(
            UsageKey(event_id, user_id),
            wanted_by(call.method, request),
            stores=name not in _WITHOUT_BYTES,
            now=call.now.timestamp(),
        )
        call.admitted = True


class AdmissionInterceptor(MethodInterceptor):
    """Inside the access check, which finds the caller."""

    def __init__(self, methods: dict[str, Method], admission: Admission) -> None:
        super().__init__(methods)
        self._admit = admission

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around the writes of users."""
        if not _is_counted(method):
            return behavior

        def admitted(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            call = current_call()
            event_id = method.event_id_of(request) if method.role else ""
            self._admit(call, call.caller.user_id, event_id, request)
            return behavior(request, context, *send)

        return admitted


class QuotaInterceptor(MethodInterceptor):
    """Around the transaction: counts committed writes."""

    def __init__(self, methods: dict[str, Method], keeper: QuotaKeeper) -> None:
        super().__init__(methods)
        self._keeper = keeper

    def wrap(self, method: Method, behavior: Behavior) -> Behavior:
        """Around the writes of users."""
        if not _is_counted(method):
            return behavior

        def counted(request: Any, context: grpc.ServicerContext, *send: Any) -> Any:
            with measured() as written:
                response = behavior(request, context, *send)
            call = current_call()
            event_id = method.event_id_of(request) if method.role else ""
            if not event_id and isinstance(response, event_pb2.Event):
                event_id = response.id
            key = UsageKey(event_id, call.caller.user_id)
            self._keeper.count(key, wanted_by(method, request), written, call.now.timestamp())
            return response

        return counted
