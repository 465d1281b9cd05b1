"""What the parts of the document are made from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi.annotations import Annotations
from howmuch.gateway.openapi.comments import Comments
from howmuch.gateway.openapi.options import OpenApiOptions
from howmuch.gateway.routes import Route

Bound = Mapping[str, Any]
"""What a path sets in a message: name of a field to None, or to a Bound for what it sets inside."""


@dataclass(frozen=True, slots=True)
class Source:
    """Descriptors, and everything that is read out of them.

    swagger: openapiv2_swagger of the first file of a service that has it, else None.
    """

    descriptors: Descriptors
    options: OpenApiOptions
    annotations: Annotations = field(init=False)
    comments: Comments = field(init=False)
    swagger: Any = field(init=False)

    def __post_init__(self) -> None:
        pool, labels = self.descriptors.pool, self.options.visibility
        annotations = Annotations(pool, labels)
        files = (service.file for service in self.descriptors.services)
        swaggers = (annotations.openapi(file, "swagger") for file in files)
        # The only way to set what is read out of another field once and for all.
        object.__setattr__(self, "annotations", annotations)
        object.__setattr__(self, "comments", Comments(self.descriptors))
        object.__setattr__(self, "swagger", next(filter(None, swaggers), None))


def bound_by_path(route: Route) -> Bound:
    """What the variables of a route's path set."""
    bound: dict[str, Any] = {}
    for variable in route.template.variables:
        within = bound
        for name in variable.field_path[:-1]:
            within = within.setdefault(name, {})
        within[variable.field_path[-1]] = None
    return bound


def is_taken(of_field: FieldDescriptor, bound: Bound) -> bool:
    """Whether the path sets a field, or another of its oneof: nothing else can set it then."""
    if of_field.name in bound:
        return bound[of_field.name] is None
    return any(other.name in bound for other in rivals(of_field))


def rivals(of_field: FieldDescriptor) -> list[FieldDescriptor]:
    """The other members of a field's oneof."""
    oneof = of_field.containing_oneof
    return [other for other in oneof.fields if other.name != of_field.name] if oneof else []


def json_names(fields: Iterable[FieldDescriptor]) -> str:
    """A path of fields as JSON names it: `settings.displayName`."""
    return ".".join(each.json_name for each in fields)
