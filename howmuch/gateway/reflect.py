"""Descriptors from the upstream, by gRPC server reflection."""

from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from howmuch.gateway.upstream import channel_credentials, name_options
from howmuch.runtime.certificates import TlsFiles

_OWN = "grpc.reflection."


def fetch_descriptor_set(
    upstream: str, timeout_seconds: float, tls: TlsFiles | None = None, server_name: str = ""
) -> bytes:
    """A serialized FileDescriptorSet of all services of the upstream except reflection.

    tls: None means no TLS. server_name: in the upstream's certificate; empty means the host of its address.
    Raises ValueError (one line).
    """
    if tls is None:
        opened = grpc.insecure_channel(upstream)
    else:
        opened = grpc.secure_channel(upstream, channel_credentials(tls), name_options(server_name))
    with opened as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        try:
            return _fetch(stub, timeout_seconds)
        except grpc.RpcError as error:
            raise ValueError(f"reflection by {upstream} failed: {_why(error)}") from error


def _fetch(stub: reflection_pb2_grpc.ServerReflectionStub, timeout_seconds: float) -> bytes:
    def ask(**request: Any) -> reflection_pb2.ServerReflectionResponse:
        requests = iter([reflection_pb2.ServerReflectionRequest(**request)])
        call: Any = stub.ServerReflectionInfo
        answer: reflection_pb2.ServerReflectionResponse = next(
            call(requests, timeout=timeout_seconds, wait_for_ready=True)
        )
        if answer.HasField("error_response"):
            raise ValueError(f"reflection: {answer.error_response.error_message}")
        return answer

    files: dict[str, FileDescriptorProto] = {}

    def keep(answer: reflection_pb2.ServerReflectionResponse) -> None:
        for serialized in answer.file_descriptor_response.file_descriptor_proto:
            file = FileDescriptorProto.FromString(serialized)
            files.setdefault(file.name, file)

    for service in ask(list_services="*").list_services_response.service:
        if not service.name.startswith(_OWN):
            keep(ask(file_containing_symbol=service.name))
    while missing := {name for file in files.values() for name in file.dependency} - set(files):
        keep(ask(file_by_filename=missing.pop()))
    return FileDescriptorSet(file=files.values()).SerializeToString()


def _why(error: Any) -> str:
    code: str = error.code().name
    return {
        "DEADLINE_EXCEEDED": "nothing listens there, or it is too slow",
        "UNIMPLEMENTED": "reflection is not enabled there",
    }.get(code, code)
