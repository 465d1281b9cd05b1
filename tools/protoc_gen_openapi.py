"""Protoc plugin for the OpenAPI document of services with google.api.http.

Reads a CodeGeneratorRequest from standard input, writes a CodeGeneratorResponse to standard output. The
document covers all the files that it is called for, so buf has to call it once: `strategy: all`.
Parameters, each as KEY=VALUE:

    title, version, description   of the API; without them, as annotations and comments say
    server                        a URL; may be given more than once
    public_option, public_value   the full name of a method option, and its value on methods without sign-in
    visibility                    a label of google.api.visibility to show; may be given more than once
    update_mask                   deep, top or off: how the gateway makes one of the body of a PATCH
    ignore_unknown_fields         true: the gateway passes over what it does not know
    cookie_name, cookie_set_by    of a session cookie, without `__Host-`, and the gRPC path of what sets it
    cookie_ended_by               the gRPC path of a method that removes it; may be given more than once
    resumable                     the gRPC path of a stream that takes Last-Event-ID; as above
    idempotency_keys              full name of a package, service or method whose writes take a key; as above
    preconditions                 the same for writes that check If-Match; as above
    name                          of the files, without their ending; default openapi
    format                        json or yaml; may be given more than once; default both
"""

import sys
from collections import defaultdict
from typing import get_args

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi import OpenApiOptions, openapi_document, to_json, to_yaml
from howmuch.gateway.options import (
    MethodOption,
    Preconditions,
    Resumable,
    SessionCookie,
    UpdateMask,
)
from howmuch.gateway.routes import RouteTable

_WRITERS = {"json": to_json, "yaml": to_yaml}
_SINGLE = (
    "title",
    "version",
    "description",
    "public_option",
    "public_value",
    "update_mask",
    "ignore_unknown_fields",
    "cookie_name",
    "cookie_set_by",
    "name",
)
_REPEATED = (
    "server",
    "visibility",
    "format",
    "cookie_ended_by",
    "resumable",
    "idempotency_keys",
    "preconditions",
)


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    try:
        given = _parameters(request.parameter)
        names = _services(request)
        if not names:
            return response
        descriptors = Descriptors(
            FileDescriptorSet(file=request.proto_file).SerializeToString(), names
        )
        table = RouteTable.from_descriptors(descriptors)
        document = openapi_document(descriptors, table, _options(given))
        name = given["name"][0] if given["name"] else "openapi"
        for kind in given["format"] or _WRITERS:
            content = _WRITERS[kind](document).decode()
            response.file.add(name=f"{name}.{kind}", content=content)
    except ValueError as error:
        response.error = str(error)
    return response


def _parameters(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals or key not in _SINGLE + _REPEATED:
            known = ", ".join(_SINGLE + _REPEATED)
            raise ValueError(f"parameter {part!r}: expected KEY=VALUE with one of {known}")
        if found[key] and key in _SINGLE:
            raise ValueError(f"parameter {key} is given twice")
        found[key].append(value)
    for kind in found["format"]:
        if kind not in _WRITERS:
            raise ValueError(f"format: expected one of {', '.join(_WRITERS)}, not {kind!r}")
    for text in found["ignore_unknown_fields"]:
        if text not in ("true", "false"):
            raise ValueError(f"ignore_unknown_fields: expected true or false, not {text!r}")
    if bool(found["public_option"]) != bool(found["public_value"]):
        raise ValueError("public_option and public_value are given together or not at all")
    if bool(found["cookie_name"]) != bool(found["cookie_set_by"]):
        raise ValueError("cookie_name and cookie_set_by are given together or not at all")
    return found


def _services(request: CodeGeneratorRequest) -> list[str]:
    """The full names of the services in the files that the plugin is called for."""
    wanted = set(request.file_to_generate)
    return [
        f"{file.package}.{service.name}" if file.package else service.name
        for file in request.proto_file
        if file.name in wanted
        for service in file.service
    ]


def _options(given: dict[str, list[str]]) -> OpenApiOptions:
    single = {key: values[0] for key, values in given.items() if values and key in _SINGLE}
    update_mask = _update_mask(single.get("update_mask", "deep"))
    option, value = single.get("public_option", ""), single.get("public_value", "")
    return OpenApiOptions(
        title=single.get("title", ""),
        version=single.get("version", ""),
        description=single.get("description", ""),
        servers=tuple(given["server"]),
        public_when=MethodOption(option, value) if option else None,
        visibility=tuple(given["visibility"]),
        update_mask=update_mask,
        ignore_unknown_fields=single.get("ignore_unknown_fields", "false") == "true",
        session_cookie=_session_cookie(given),
        resumable=tuple(Resumable(method, "", "") for method in given["resumable"]),
        idempotency_keys=tuple(given["idempotency_keys"]),
        preconditions=Preconditions(tuple(given["preconditions"])),
    )


def _session_cookie(given: dict[str, list[str]]) -> SessionCookie | None:
    """The cookie, as far as the document describes it."""
    if not given["cookie_name"]:
        return None
    [name], [set_by] = given["cookie_name"], given["cookie_set_by"]
    ended_by = tuple(given["cookie_ended_by"])
    return SessionCookie(name, set_by, "", "", (), ended_by=ended_by, ended_reason="", marker="")


def _update_mask(text: str) -> UpdateMask:
    for known in get_args(UpdateMask):
        if text == known:
            mask: UpdateMask = known
            return mask
    raise ValueError(
        f"update_mask: expected one of {', '.join(get_args(UpdateMask))}, not {text!r}"
    )


if __name__ == "__main__":
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString())
