"""The method of UserService that shows quotas."""

import grpc

from howmuch.rpc.call import current_call
from howmuch.rpc.mapping import timestamp
from howmuch.rpc.quotas import QuotaKeeper, QuotaUse, instant
from howmuch.usecases.usage import read_fullest_events, read_holdings, read_totals
from howmuch.v1 import user_pb2, user_service_pb2

MOST_EVENTS = 10


class QuotaMethods:
    """A part of UserServicer."""

    _keeper: QuotaKeeper

    def GetMyQuotas(
        self, request: user_service_pb2.GetMyQuotasRequest, context: grpc.ServicerContext
    ) -> user_pb2.MyQuotas:
        """Returns the caller's quotas and how much of them is used."""
        call = current_call()
        user_id, keeper, limits = call.caller.user_id, self._keeper, self._keeper.quotas
        held = read_holdings(call.connection, user_id)
        stored = read_totals(call.connection, (), (user_id,)).get(user_id, 0)
        events = read_fullest_events(call.connection, user_id, MOST_EVENTS)
        uses = [
            *keeper.uses(user_id, call.now.timestamp()),
            QuotaUse("bytes_per_user", limits.bytes_per_user, keeper.stored(user_id, stored), 0),
            QuotaUse("sessions", limits.sessions, held.sessions, 0),
            QuotaUse("events", limits.events, held.events, 0),
            *(
                QuotaUse(
                    "bytes_per_event",
                    limits.bytes_per_event,
                    keeper.stored(event_id, size),
                    0,
                    event_id=event_id,
                )
                for event_id, size in events.items()
            ),
        ]
        return user_pb2.MyQuotas(quotas=map(_quota_message, uses))


def _quota_message(use: QuotaUse) -> user_pb2.Quota:
    message = user_pb2.Quota(
        name=use.name,
        limit=use.limit,
        used=use.used,
        event_id=use.event_id,
        available_time=None if use.free_at is None else timestamp(instant(use.free_at)),
    )
    if use.seconds:
        message.window.seconds = use.seconds
    return message
