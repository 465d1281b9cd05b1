"""Each method as the proto files declare it: its callers, its event, whether it writes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from google.api import annotations_pb2
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from howmuch.ids import COMMENT, EXPENSE, INVITATION, MEMBER
from howmuch.model import Role
from howmuch.v1 import (
    access_pb2,
    event_service_pb2,
    expense_service_pb2,
    user_service_pb2,
)

SERVICES: tuple[ServiceDescriptor, ...] = (
    user_service_pb2.DESCRIPTOR.services_by_name["UserService"],
    event_service_pb2.DESCRIPTOR.services_by_name["EventService"],
    expense_service_pb2.DESCRIPTOR.services_by_name["ExpenseService"],
)

_VARIABLE = re.compile(r"\{([a-z_.]+)\}")
ID_KINDS = {"member": MEMBER, "expense": EXPENSE, "comment": COMMENT, "invitation": INVITATION}
"""Kinds of ids by the names of their fields."""

_ROLES = {
    access_pb2.ACCESS_VIEWER: Role.VIEWER,
    access_pb2.ACCESS_EDITOR: Role.EDITOR,
    access_pb2.ACCESS_OWNER: Role.OWNER,
}


@dataclass(frozen=True, slots=True)
class Method:
    """One method.

    path: gRPC's name, `/howmuch.v1.EventService/GetEvent`. public: needs no session. role: needed in the
    event that `event_id_of` reads from a request; None means that no event is named. event_field: path of
    that id in the request. path_ids: path and kind of the other ids in the HTTP path. writes: may change
    data. streams: sends many responses.
    """

    path: str
    public: bool
    role: Role | None
    event_field: str
    event_id_of: Callable[[Any], str]
    path_ids: tuple[tuple[str, str], ...]
    writes: bool
    streams: bool
    request: type[Message]
    response: type[Message]


def describe(services: Iterable[ServiceDescriptor] = SERVICES) -> dict[str, Method]:
    """Path to method. ValueError for a method that does not declare who may call it."""
    methods = (_describe(method) for service in services for method in service.methods)
    return {method.path: method for method in methods}


def _describe(descriptor: MethodDescriptor) -> Method:
    options: MethodOptions = descriptor.GetOptions()
    access = options.Extensions[access_pb2.access]
    if access == access_pb2.ACCESS_UNSPECIFIED:
        raise ValueError(
            f"{descriptor.full_name} does not declare (howmuch.v1.access): who may call it?"
        )
    role = _ROLES.get(access)
    field = _event_field(descriptor) if role else ""
    return Method(
        path=f"/{descriptor.containing_service.full_name}/{descriptor.name}",
        public=access == access_pb2.ACCESS_PUBLIC,
        role=role,
        event_field=field,
        event_id_of=getter(field),
        path_ids=_path_ids(descriptor) if role else (),
        writes=options.idempotency_level != MethodOptions.NO_SIDE_EFFECTS,
        streams=descriptor.server_streaming,
        request=GetMessageClass(descriptor.input_type),
        response=GetMessageClass(descriptor.output_type),
    )


def _template(descriptor: MethodDescriptor) -> str:
    """The HTTP path."""
    rule = descriptor.GetOptions().Extensions[annotations_pb2.http]
    return str(getattr(rule, rule.WhichOneof("pattern") or "get"))


def _path_ids(descriptor: MethodDescriptor) -> tuple[tuple[str, str], ...]:
    """Path and kind of each id in the HTTP path but the event's: `expense.id` and `exp`."""
    names = {
        name: name.replace(".", "_").removesuffix("_id")
        for name in _VARIABLE.findall(_template(descriptor))
    }
    return tuple((name, ID_KINDS[kind]) for name, kind in names.items() if kind in ID_KINDS)


def _event_field(descriptor: MethodDescriptor) -> str:
    """The path of the event's id in the request: the first variable of the HTTP path."""
    template = _template(descriptor)
    variable = _VARIABLE.search(template)
    if not template.startswith("/v1/events/") or variable is None:
        raise ValueError(
            f"{descriptor.full_name} asks for a role in an event, but its HTTP path"
            f" {template!r} names none"
        )
    found = variable[1]
    message: Descriptor | None = descriptor.input_type
    for name in found.split("."):
        field = message.fields_by_name.get(name) if message else None
        if field is None:
            raise ValueError(f"{descriptor.full_name} has no field {found!r} in its request")
        message = field.message_type
    return found


def getter(field: str) -> Callable[[Any], str]:
    """Reads the text at a path of a request."""
    names = field.split(".")

    def get(request: Any) -> str:
        value = request
        for name in names:
            value = getattr(value, name)
        return str(value)

    return get
