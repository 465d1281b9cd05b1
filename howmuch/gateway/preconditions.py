"""Writes that check If-Match (RFC 9110, 13.1.1)."""

from google.protobuf.descriptor_pb2 import MethodOptions
from google.rpc import code_pb2

from howmuch.gateway.descriptors import message_of
from howmuch.gateway.options import Preconditions, names_method
from howmuch.gateway.routes import Route
from howmuch.gateway.status import Refusal

_WRITES_RESOURCE = ("PATCH", "PUT")


def checks_if_match(route: Route, preconditions: Preconditions | None) -> bool:
    """Whether the service acts on If-Match in calls by this route."""
    method = route.method
    return (
        preconditions is not None
        and route.http_method != "GET"
        and method.GetOptions().idempotency_level != MethodOptions.NO_SIDE_EFFECTS
        and names_method(preconditions.names, method.full_name)
        and _has_etag(route)
    )


def has_failed(preconditions: Preconditions, if_match: str, error: Refusal) -> bool:
    """Whether an error of the service says that If-Match names no current etag.

    if_match: as the service got it; empty means none. An etag in the body may be stale while the header is
    right. So if the error names the current etag, the header is at fault only if it lacks that one.
    """
    if if_match in ("", "*") or error.code != code_pb2.ABORTED:
        return False
    if preconditions.reason and error.reason != preconditions.reason:
        return False
    current = error.metadata.get(preconditions.current, "")
    return not current or (f'"{current}"' not in if_match and current != if_match)


def _has_etag(route: Route) -> bool:
    """Whether the request has an etag, or the resource that it writes."""
    message = route.method.input_type
    holders = [message]
    if route.http_method in _WRITES_RESOURCE and route.body not in ("", "*"):
        resource = message_of(message.fields_by_name[route.body])
        holders += [resource] if resource is not None else []
    return any("etag" in holder.fields_by_name for holder in holders)
