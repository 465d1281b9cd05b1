"""The OpenAPI document of a gateway, from its descriptors and routes."""

import re
from collections.abc import Iterable
from typing import Any

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi.annotations import extensions_of, external_docs, without_empty
from howmuch.gateway.openapi.components import EXAMPLES, Component, Components, references, renamed
from howmuch.gateway.openapi.error_responses import HEADERS as ANSWER_HEADERS
from howmuch.gateway.openapi.operations import Operations
from howmuch.gateway.openapi.options import JsonObject, OpenApiOptions
from howmuch.gateway.openapi.parameters import HEADERS as HEADER_PARAMETERS
from howmuch.gateway.openapi.security import Security
from howmuch.gateway.openapi.source import Source
from howmuch.gateway.routes import RouteTable

OPENAPI_VERSION = "3.1.0"

_VERSION = re.compile(r"v[0-9]+(?:(?:alpha|beta|p[0-9]+)[0-9]*)*")
_SCHEMES = {1: "http", 2: "https", 3: "ws", 4: "wss"}


def openapi_document(
    descriptors: Descriptors, table: RouteTable, options: OpenApiOptions
) -> JsonObject:
    """The document. It is deterministic, down to the order of members."""
    source = Source(descriptors, options)
    components = Components()
    security = Security(source)
    operations = Operations(source, table, components, security)
    swagger = source.swagger
    document: JsonObject = {
        "openapi": OPENAPI_VERSION,
        "info": _info(source, swagger),
        "servers": _servers(source, swagger),
        "security": security.everywhere,
        "tags": _tags(operations, swagger),
        **(external_docs(swagger) if swagger is not None else {}),
        "paths": operations.paths,
        "components": {},
        **(extensions_of(swagger) if swagger is not None else {}),
        **without_empty({"x-unmapped": operations.unmapped}),
    }
    used = set(references(operations.paths))
    responses = {
        name: response
        for name, response in operations.errors.shared().items()
        if f"#/components/responses/{name}" in used
    }
    used |= set(references(responses))
    names = components.names(components.reached([operations.paths, responses]))
    examples = {
        names[key]: {"value": value}
        for key, value in operations.examples.made().items()
        if f"{EXAMPLES}{key}" in used
    }
    document["components"] = without_empty(
        {
            "schemas": _schemas(operations.paths, components, names),
            "responses": responses,
            "parameters": {
                name: HEADER_PARAMETERS[name] for name in sorted(operations.header_parameters)
            },
            "examples": dict(sorted(examples.items())),
            "headers": {
                name: header
                for name, header in ANSWER_HEADERS.items()
                if f"#/components/headers/{name}" in used
            },
            "securitySchemes": security.schemes,
        }
    )
    finished: JsonObject = renamed(document, names)
    return finished


def _schemas(paths: JsonObject, components: Components, names: dict[str, str]) -> JsonObject:
    """The schemas of components by name, closed or open depending on their use."""
    requests = [
        operation.get("requestBody") for item in paths.values() for operation in item.values()
    ]
    answers = [operation["responses"] for item in paths.values() for operation in item.values()]
    sent, received = components.reached(requests), components.reached(answers)
    by_name = {}
    for key, name in names.items():
        component = components.made[key]
        by_name[name] = _finished(component, sent=key in sent, received=key in received)
    return dict(sorted(by_name.items()))


def _finished(component: Component, *, sent: bool, received: bool) -> JsonObject:
    schema = dict(component.schema)
    if received and component.only_sent:
        required = [name for name in schema["required"] if name not in component.only_sent]
        schema["required"] = required
        if not required:
            del schema["required"]
    if sent and not component.open:
        schema["additionalProperties"] = False
        if component.one_of:
            del schema["not"]
            schema["maxProperties"] = 1
    return schema


def _info(source: Source, swagger: Any) -> JsonObject:
    options = source.options
    package = _package(source)
    said = swagger.info if swagger is not None else None
    title = options.title or (said.title if said else "") or _title(package)
    version = options.version or (said.version if said else "") or _version(package)
    description = (
        options.description
        or (said.description if said else "")
        or _first(
            source.comments.of_file(service.file.name) for service in source.descriptors.services
        )
    )
    info = {"title": title, "version": version, **without_empty({"description": description})}
    if said:
        info |= without_empty({"termsOfService": said.terms_of_service})
        contact = {name: getattr(said.contact, name) for name in ("name", "url", "email")}
        licence = {"name": said.license.name, "url": said.license.url} if said.license.name else {}
        info |= without_empty(
            {"contact": without_empty(contact), "license": without_empty(licence)}
        )
        info |= extensions_of(said)
    return info


def _servers(source: Source, swagger: Any) -> list[JsonObject]:
    urls = list(source.options.servers)
    if not urls and swagger is not None and (swagger.host or swagger.base_path):
        schemes = [_SCHEMES[scheme] for scheme in swagger.schemes if scheme in _SCHEMES]
        starts = [f"{scheme}://{swagger.host}" for scheme in schemes or ["https"]]
        urls = [f"{start}{swagger.base_path}" for start in (starts if swagger.host else [""])]
    if not urls:
        hosts = (
            source.annotations.get(service, "google.api.default_host")
            for service in source.descriptors.services
        )
        urls = [f"https://{host}" for host in dict.fromkeys(hosts) if host]
    return [{"url": url} for url in urls or ["/"]]


def _tags(operations: Operations, swagger: Any) -> list[JsonObject]:
    """The tags of services, overridden by those of openapiv2_swagger."""
    tags = {tag["name"]: tag for tag in operations.tags()}
    for annotated in swagger.tags if swagger is not None else ():
        tag = without_empty({"name": annotated.name, "description": annotated.description})
        tag |= external_docs(annotated) | extensions_of(annotated)
        tags[annotated.name] = tags.get(annotated.name, {}) | tag
    return list(tags.values())


def _package(source: Source) -> str:
    return _first(service.file.package for service in source.descriptors.services)


def _title(package: str) -> str:
    """`example.shop.v1` gives `Example Shop API`."""
    words = [word for word in package.split(".") if word and not _VERSION.fullmatch(word)]
    return " ".join([*(word.replace("_", " ").title() for word in words), "API"])


def _version(package: str) -> str:
    last = package.rpartition(".")[2]
    return last if _VERSION.fullmatch(last) else "1"


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
