"""Documents to look at: of the conformance schema, of howmuch, and of small files that a test writes."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import FileDescriptor
from grpc_tools import protoc
from jsonschema import Draft202012Validator
from protoc_gen_openapiv2.options import annotations_pb2

from howmuch.app.gateway import IDEMPOTENCY_KEYS, PRECONDITIONS, SESSION_COOKIE, WATCH
from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi import OpenApiOptions, openapi_document
from howmuch.gateway.options import MethodOption, Preconditions, Resumable, SessionCookie
from howmuch.gateway.routes import Route, RouteTable
from tests.gateway import schema

Document = Mapping[str, Any]

PUBLIC = MethodOption("howmuch.v1.access", "ACCESS_PUBLIC")
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_OWN = Path(__file__).parent / "protos"

_IMPORTS = {
    "(google.api.http)": "google/api/annotations.proto",
    "google.api.HttpBody": "google/api/httpbody.proto",
    "(google.api.oauth_scopes)": "google/api/client.proto",
    "(google.api.default_host)": "google/api/client.proto",
    "(google.api.field_behavior)": "google/api/field_behavior.proto",
    "_visibility)": "google/api/visibility.proto",
    "google.protobuf.Any": "google/protobuf/any.proto",
    "google.protobuf.MethodOptions": "google/protobuf/descriptor.proto",
    "google.protobuf.Empty": "google/protobuf/empty.proto",
    "google.protobuf.FieldMask": "google/protobuf/field_mask.proto",
    "google.rpc.Status": "google/rpc/status.proto",
    "buf.validate.": "buf/validate/validate.proto",
    ".protoc_gen_openapiv2.": "protoc-gen-openapiv2/options/annotations.proto",
}
"""What a file has in it, and the file that it then imports."""


@cache
def conformance() -> Document:
    """The document of the conformance schema, with default options."""
    return document_of(schema.descriptor_set())


@cache
def howmuch() -> Document:
    """The document of howmuch, as its gateway is run."""
    return document_of(
        howmuch_descriptor_set(),
        public_when=PUBLIC,
        update_mask="top",
        session_cookie=SessionCookie(**SESSION_COOKIE),
        resumable=(Resumable(**WATCH),),
        idempotency_keys=IDEMPOTENCY_KEYS,
        preconditions=Preconditions(**PRECONDITIONS),
    )


def howmuch_descriptor_set() -> bytes:
    """What `buf build` made of howmuch's files."""
    return (resources.files("howmuch.v1") / "descriptor_set.binpb").read_bytes()


def document_of(descriptor_set: bytes, **options: Any) -> Document:
    """The document of a serialized descriptor set. options: of OpenApiOptions."""
    descriptors = Descriptors(descriptor_set)
    table = RouteTable.from_descriptors(descriptors)
    return openapi_document(descriptors, table, OpenApiOptions(**options))


def document(text: str, **options: Any) -> Document:
    """The document of one proto file; its `syntax` and imports are added to the text."""
    return document_of(compiled(text), **options)


def compiled(text: str, *, name: str = "example.proto") -> bytes:
    """The descriptor set of one proto file; its `syntax` and imports are added to the text."""
    imports = [path for mark, path in _IMPORTS.items() if mark in text]
    lines = ['syntax = "proto3";', text, *(f'import "{path}";' for path in imports)]
    return compile_files({name: "\n".join(lines)})


def compile_files(files: Mapping[str, str]) -> bytes:
    """The descriptor set of proto files, by their names and whole texts."""
    installed = metadata.distribution("googleapis-common-protos").locate_file("")
    well_known = resources.files("grpc_tools") / "_proto"
    with TemporaryDirectory() as directory:
        place = Path(directory)
        for name, text in files.items():
            (place / name).write_text(text)
        known = descriptor_pb2.FileDescriptorSet(file=_with_imports(annotations_pb2.DESCRIPTOR))
        (place / "known.binpb").write_bytes(known.SerializeToString())
        exit_code = protoc.main(
            [
                "protoc",
                *(f"--proto_path={path}" for path in (place, _OWN, installed, well_known)),
                f"--descriptor_set_in={place / 'known.binpb'}",
                "--include_imports",
                "--include_source_info",
                f"--descriptor_set_out={place / 'made.binpb'}",
                *files,
            ]
        )
        assert exit_code == 0, "protoc refused the file of the test"
        return (place / "made.binpb").read_bytes()


def operations(document: Document) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Path, method and operation of everything that the document has."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, method, item[method]


def operation_id(route: Route) -> str:
    """The id of the operation of a route, where no annotation gives another."""
    suffix = f"_{route.index}" if route.index else ""
    return f"{route.method.containing_service.name}_{route.method.name}{suffix}"


def operation(document: Document, operation_id: str) -> Mapping[str, Any]:
    """The operation of an id."""
    return next(each for _, _, each in operations(document) if each["operationId"] == operation_id)


def path_of(document: Document, operation_id: str) -> str:
    """The path of the operation of an id."""
    return next(
        path for path, _, each in operations(document) if each["operationId"] == operation_id
    )


def parameters(document: Document, operation_id: str, place: str) -> dict[str, Mapping[str, Any]]:
    """The parameters of an operation by name. place: path, query or header."""
    found = [
        resolved(document, each) for each in operation(document, operation_id).get("parameters", ())
    ]
    return {each["name"]: each for each in found if each["in"] == place}


def body_schema(document: Document, operation_id: str) -> Mapping[str, Any]:
    """The schema of the JSON that an operation takes."""
    content = operation(document, operation_id)["requestBody"]["content"]
    schema: Mapping[str, Any] = content["application/json"]["schema"]
    return schema


def answer_schema(document: Document, operation_id: str) -> Mapping[str, Any]:
    """The schema of the JSON that an operation answers with."""
    content = operation(document, operation_id)["responses"]["200"]["content"]
    schema: Mapping[str, Any] = content["application/json"]["schema"]
    return schema


def component(document: Document, name: str) -> Mapping[str, Any]:
    """The schema of a component."""
    schema: Mapping[str, Any] = document["components"]["schemas"][name]
    return schema


def reference(name: str) -> Mapping[str, Any]:
    """A reference to the schema of a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def resolved(document: Document, value: Mapping[str, Any]) -> Any:
    """What a part of the document is, or refers to."""
    found: Any = value
    while "$ref" in found:
        target: Any = document
        for step in found["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        found = target
    return found


def is_valid(document: Document, schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value satisfies a schema of the document, formats included."""
    return validator(document, schema).is_valid(value)


def validator(document: Document, schema: Mapping[str, Any]) -> Draft202012Validator:
    """A validator of a schema of the document."""
    return Draft202012Validator(
        {**schema, "components": document["components"]},
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )


def references(value: Any) -> Iterator[str]:
    """Everything that a part of the document refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _with_imports(file: FileDescriptor) -> list[descriptor_pb2.FileDescriptorProto]:
    found: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(each: FileDescriptor) -> None:
        if each.name not in found:
            for imported in each.dependencies:
                add(imported)
            found[each.name] = descriptor_pb2.FileDescriptorProto.FromString(each.serialized_pb)

    add(file)
    return list(found.values())
