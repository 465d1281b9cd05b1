"""Operations: one for each binding that OpenAPI can represent."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor

from howmuch.gateway.openapi.annotations import extensions_of, external_docs, without_empty
from howmuch.gateway.openapi.bodies import Bodies
from howmuch.gateway.openapi.comments import summarized
from howmuch.gateway.openapi.components import Components
from howmuch.gateway.openapi.error_responses import Errors, split_errors
from howmuch.gateway.openapi.examples import Examples, example_ids
from howmuch.gateway.openapi.options import JsonObject
from howmuch.gateway.openapi.parameters import Parameters
from howmuch.gateway.openapi.paths import FlatPath, flat_paths
from howmuch.gateway.openapi.responses import Responses
from howmuch.gateway.openapi.schemas import Schemas
from howmuch.gateway.openapi.security import Security, needs_token
from howmuch.gateway.openapi.source import Source
from howmuch.gateway.routes import Route, RouteTable

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
"""The HTTP methods of OpenAPI 3.1."""

_HEADER_TYPES = {1: "string", 2: "number", 3: "integer", 4: "boolean"}


class Operations:
    """The paths of a document and their tags. unmapped: bindings that OpenAPI cannot represent, and why."""

    def __init__(
        self, source: Source, table: RouteTable, components: Components, security: Security
    ) -> None:
        self._source = source
        self._security = security
        self.examples = Examples(components, example_ids(source))
        schemas = Schemas(source, components)
        self._parameters = Parameters(source, schemas)
        self._bodies = Bodies(source, components, schemas, self.examples)
        self.errors = Errors(components)
        self._responses = Responses(source, schemas, self.examples, self.errors)
        self._service_names = _short_names(source)
        self.unmapped: list[JsonObject] = []
        self.header_parameters: set[str] = set()
        self.paths: JsonObject = {}
        routes = [route for route in table.routes if self._is_visible(route)]
        paths = flat_paths(routes)
        for route in routes:
            self._add(route, paths[id(route)])

    def tags(self) -> Iterator[JsonObject]:
        """The tags of services with operations."""
        used = {
            tag for item in self.paths.values() for each in item.values() for tag in each["tags"]
        }
        for service in self._source.descriptors.services:
            tag = self._tag(service)
            if tag["name"] in used:
                yield tag

    def _is_visible(self, route: Route) -> bool:
        is_visible, service = self._source.annotations.is_visible, route.method.containing_service
        return is_visible(route.method, "method") and is_visible(service, "api")

    def _add(self, route: Route, path: FlatPath) -> None:
        why = ""
        method = route.http_method.lower()
        if route.http_method not in METHODS:
            why = f"OpenAPI 3.1 has no {route.http_method} method."
        elif other := self.paths.get(path.text, {}).get(method):
            why = f"OpenAPI cannot tell it from the path of {other['operationId']}."
        if not why:
            self.paths.setdefault(path.text, {})[method] = self._operation(route, path)
            return
        unmapped = {"operationId": self._operation_id(route), "method": route.http_method}
        self.unmapped.append({**unmapped, "path": route.template.text, "reason": why})

    def _operation(self, route: Route, path: FlatPath) -> JsonObject:
        method = route.method
        annotation = self._source.annotations.openapi(method, "operation")
        comment, errors = split_errors(self._source.comments.of(method))
        text = summarized(comment)
        needed = self._security.of(method)
        service = method.containing_service
        deprecated = method.GetOptions().deprecated or service.GetOptions().deprecated
        parameters = self._all_parameters(route, path, annotation)
        operation = {
            "tags": [self._tag(service)["name"]],
            **without_empty({"summary": text.summary, "description": text.description}),
            "operationId": self._operation_id(route),
            **without_empty({"deprecated": deprecated or None, "parameters": parameters}),
            **without_empty({"requestBody": self._bodies.of(route)}),
            "responses": self._responses.of(route, errors, signs_in=needs_token(needed)),
            **({"security": needed} if needed != self._security.everywhere else {}),
        }
        return _annotated(operation, annotation) if annotation is not None else operation

    def _all_parameters(self, route: Route, path: FlatPath, annotation: Any) -> list[JsonObject]:
        parameters = [*self._parameters.of_path(route, path), *self._parameters.of_query(route)]
        is_public = not self._security.of(route.method)
        for name in self._parameters.of_headers(route, is_public=is_public):
            self.header_parameters.add(name)
            parameters.append({"$ref": f"#/components/parameters/{name}"})
        for header in annotation.parameters.headers if annotation is not None else ():
            schema = {"type": _HEADER_TYPES.get(header.type, "string"), "format": header.format}
            said = {"description": header.description, "required": header.required or None}
            parameter = {"name": header.name, "in": "header", **without_empty(said)}
            parameters.append({**parameter, "schema": without_empty(schema)})
        return parameters

    def _operation_id(self, route: Route) -> str:
        annotation = self._source.annotations.openapi(route.method, "operation")
        name = annotation.operation_id if annotation is not None else ""
        service = self._service_names[route.method.containing_service.full_name]
        suffix = f"_{route.index}" if route.index else ""
        return f"{name or f'{service}_{route.method.name}'}{suffix}"

    def _tag(self, service: ServiceDescriptor) -> JsonObject:
        annotation = self._source.annotations.openapi(service, "tag")
        name = self._service_names[service.full_name].replace("_", ".")
        tag = {"name": name, "description": self._source.comments.of(service)}
        if annotation is not None:
            tag["name"] = annotation.name or name
            tag["description"] = annotation.description or tag["description"]
            return without_empty(tag) | external_docs(annotation) | extensions_of(annotation)
        return without_empty(tag)


def _annotated(operation: JsonObject, annotation: Any) -> JsonObject:
    """Overrides comments by openapiv2_operation."""
    said = {
        "tags": list(annotation.tags),
        "summary": annotation.summary,
        "description": annotation.description,
        "deprecated": annotation.deprecated or None,
    }
    return operation | without_empty(said) | external_docs(annotation) | extensions_of(annotation)


def _short_names(source: Source) -> dict[str, str]:
    """Names of services, with their package only if names conflict."""
    services = source.descriptors.services
    counts = Counter(service.name for service in services)
    return {
        service.full_name: service.name
        if counts[service.name] == 1
        else service.full_name.replace(".", "_")
        for service in services
    }
