"""The input of the document, and the fields that a path sets."""

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi.annotations import Annotations
from howmuch.gateway.openapi.comments import Comments
from howmuch.gateway.openapi.options import OpenApiOptions
from howmuch.gateway.routes import Route
from howmuch.gateway.templates import nested

Bound = Mapping[str, Any]
"""Fields that a path sets: field name to None, or to a Bound for a message."""


class Source:
    """Descriptors with their annotations and comments.

    swagger: the first openapiv2_swagger of the services' files, or None.
    """

    def __init__(self, descriptors: Descriptors, options: OpenApiOptions) -> None:
        self.descriptors = descriptors
        self.options = options
        self.annotations = Annotations(descriptors.pool, options.visibility)
        self.comments = Comments(descriptors)
        files = (service.file for service in descriptors.services)
        swaggers = (self.annotations.openapi(file, "swagger") for file in files)
        self.swagger: Any = next(filter(None, swaggers), None)


def bound_by_path(route: Route) -> Bound:
    paths = [variable.field_path for variable in route.template.variables]
    return nested(paths, [None] * len(paths))


def is_taken(field: FieldDescriptor, bound: Bound) -> bool:
    """Whether the path sets a field or another member of its oneof."""
    if field.name in bound:
        return bound[field.name] is None
    oneof = field.containing_oneof
    return oneof is not None and any(other.name in bound for other in oneof.fields)


def json_names(fields: Iterable[FieldDescriptor]) -> str:
    """A field path in JSON names: `settings.displayName`."""
    return ".".join(each.json_name for each in fields)
