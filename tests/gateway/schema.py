"""The schema of the conformance cases: its descriptors, and its messages from proto JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc

Made = TypeVar("Made", bound=Message)
CONFORMANCE = Path(__file__).parent / "conformance"
PROTO = "conformance.proto"
PACKAGE = "transcode.conformance.v1"


@dataclass(frozen=True)
class Method:
    """A method of the schema; its name is that of the cases, `Service.Method`."""

    name: str
    request_class: type[Any]  # made at run time, so that its fields have no types
    response_class: type[Any]
    streams_requests: bool
    streams_responses: bool

    @property
    def path(self) -> str:
        """What gRPC calls it on the wire."""
        return f"/{PACKAGE}.{self.name.replace('.', '/')}"


@cache
def descriptor_set() -> bytes:
    """conformance.proto and everything it imports, with comments, as protoc writes it."""
    installed = metadata.distribution("googleapis-common-protos").locate_file("")
    well_known = resources.files("grpc_tools") / "_proto"
    with TemporaryDirectory() as directory:
        target = Path(directory) / "conformance.binpb"
        exit_code = protoc.main(
            [
                "protoc",
                *(f"--proto_path={place}" for place in (CONFORMANCE, installed, well_known)),
                "--include_imports",
                "--include_source_info",
                f"--descriptor_set_out={target}",
                PROTO,
            ]
        )
        assert exit_code == 0, "protoc refused conformance.proto"
        return target.read_bytes()


@cache
def pool() -> DescriptorPool:
    """These descriptors alone: nothing that a test imports elsewhere can get into them."""
    made = DescriptorPool()
    for file in FileDescriptorSet.FromString(descriptor_set()).file:
        made.Add(file)
    return made


def message_class(full_name: str) -> type[Message]:
    """full_name: with its package, as in `google.rpc.Status`."""
    return GetMessageClass(pool().FindMessageTypeByName(full_name))


def services() -> list[str]:
    """The full names of the services, in the order of the file."""
    return [service.full_name for service in _services()]


@cache
def methods() -> dict[str, Method]:
    """Every method by its name in the cases."""
    return {
        (name := f"{service.name}.{method.name}"): Method(
            name,
            GetMessageClass(method.input_type),
            GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for service in _services()
        for method in service.methods
    }


def message(made_of: type[Made], value: Any) -> Made:
    """The message that proto JSON describes, Any in it resolved by this schema."""
    return json_format.ParseDict(value, made_of(), descriptor_pool=pool())


def _services() -> Iterator[Any]:
    yield from pool().FindFileByName(PROTO).services_by_name.values()
