"""Errors of requests that the shutdown ends."""

import asyncio

from google.rpc import code_pb2

from howmuch.gateway.exchange import ClientGone
from howmuch.gateway.status import Refusal, refusal


def gateway_stops() -> Refusal:
    return refusal(
        code_pb2.UNAVAILABLE,
        "GATEWAY_STOPS",
        "The gateway is shutting down and cannot wait for the service any longer. Try again.",
    )


def why_cancelled() -> ClientGone | Refusal:
    """The client disconnected, or the task was cancelled at the end of the shutdown's grace period."""
    task = asyncio.current_task()
    if task is None or not task.cancelling():
        return ClientGone()
    return gateway_stops()
