"""Protoc plugin for the gRPC Python generator, which exists only inside grpc_tools.protoc.

Reads a CodeGeneratorRequest from standard input, writes a CodeGeneratorResponse to standard output.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet


def generate(request: CodeGeneratorRequest) -> CodeGeneratorResponse:
    response = CodeGeneratorResponse(
        supported_features=CodeGeneratorResponse.FEATURE_PROTO3_OPTIONAL
    )
    with TemporaryDirectory() as directory:
        descriptors = Path(directory, "descriptors.binpb")
        out = Path(directory, "out")
        out.mkdir()
        descriptors.write_bytes(FileDescriptorSet(file=request.proto_file).SerializeToString())
        command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={descriptors}"]
        done = subprocess.run(
            [*command, f"--grpc_python_out={out}", *request.file_to_generate],
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            response.error = done.stderr
        for path in sorted(out.rglob("*.py")):
            name = path.relative_to(out).as_posix()
            response.file.add(name=name, content=path.read_text())
    return response


if __name__ == "__main__":
    request = CodeGeneratorRequest.FromString(sys.stdin.buffer.read())
    sys.stdout.buffer.write(generate(request).SerializeToString())
