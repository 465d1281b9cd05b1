"""Calls to a howmuch server: `connect` to it; `failure` says why a call failed."""

from howmuch_client.connection import Howmuch, connect, idempotency_key
from howmuch_client.failures import Failure, failure

__all__ = ["Failure", "Howmuch", "connect", "failure", "idempotency_key"]
