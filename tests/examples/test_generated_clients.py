"""The clients in other languages beside proto/, without their compilers: those have slow tests."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor

from howmuch.rpc.methods import SERVICES
from howmuch.v1 import (
    change_pb2,
    event_pb2,
    event_service_pb2,
    expense_pb2,
    expense_service_pb2,
    user_pb2,
    user_service_pb2,
)
from tests.examples.environments import ROOT

TYPESCRIPT = ROOT / "clients" / "typescript" / "src" / "gen"
FILES: list[FileDescriptor] = [
    module.DESCRIPTOR
    for module in (
        *(change_pb2, event_pb2, expense_pb2, user_pb2),
        *(event_service_pb2, expense_service_pb2, user_service_pb2),
    )
]


def declared(file: FileDescriptor) -> set[str]:
    """Kind and full name of all that a proto file declares, and the name and number of each field."""
    found = {f"enum {enum.full_name}" for enum in file.enum_types_by_name.values()}
    for message in file.message_types_by_name.values():
        found |= set(of_message(message))
    for service in file.services_by_name.values():
        found.add(f"service {service.full_name}")
        found |= {f"rpc {method.full_name}" for method in service.methods}
    return found


def of_message(message: Descriptor) -> Iterator[str]:
    if message.GetOptions().map_entry:
        return
    yield f"message {message.full_name}"
    yield from (f"field {field.name} = {field.number}" for field in message.fields)
    yield from (f"enum {enum.full_name}" for enum in message.enum_types)
    for inner in message.nested_types:
        yield from of_message(inner)


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file.name).stem)
def test_typescript_has_what_the_proto_file_declares(file: FileDescriptor) -> None:
    """Who changes a proto file runs `make clients` as well."""
    text = (TYPESCRIPT / file.name.replace(".proto", "_pb.ts")).read_text()
    fields = re.findall(r"@generated from field: .*?(\w+ = \d+)\b", text)
    others = re.findall(r"@generated from (rpc|message|enum|service) (\w+\.[\w.]+)", text)
    made = {f"field {field}" for field in fields} | {" ".join(other) for other in others}
    assert made == declared(file)


def test_typescript_has_the_paths_of_the_document() -> None:
    """Those that openapi-typescript has made of gen/openapi."""
    document = json.loads((ROOT / "gen" / "openapi" / "openapi.json").read_text())
    paths = re.findall(
        r'^ {4}"(/[^"]*)": \{$', (TYPESCRIPT / "openapi.ts").read_text(), re.MULTILINE
    )
    assert sorted(paths) == sorted(document["paths"])


def test_go_example_uses_what_there_is() -> None:
    """Each message and client that it names is in a proto file."""
    used = set(
        re.findall(r"\bpb\.([A-Z]\w+)\b", (ROOT / "examples" / "go" / "main.go").read_text())
    )
    messages = {name for file in FILES for name in file.message_types_by_name}
    services = {service.name for service in SERVICES}
    values = {
        value
        for file in FILES
        for enum in file.enum_types_by_name.values()
        for value in enum.values_by_name
    }
    known = (
        messages
        | {f"{name}Client" for name in services}
        | {f"New{name}Client" for name in services}
    )
    assert "CreateExpenseRequest" in used
    assert {name for name in used if name.partition("_")[2] not in values} - known == set()
