"""Put the .proto files that ours import into a directory, out of installed packages.

Usage: third_party_protos.py DIRECTORY

The locked wheels are the source, so that `make gen` needs no schema registry and no network.
"""

import shutil
import sys
from importlib.metadata import files
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from print_proto import print_proto
from protoc_gen_openapiv2.options import annotations_pb2, openapiv2_pb2

PACKAGES = ("google/api/", "google/rpc/", "google/type/")


def main(target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    for file in files("googleapis-common-protos") or ():
        name = file.as_posix()
        if name.startswith(PACKAGES) and name.endswith(".proto"):
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), copy)
    # This wheel has the generated code alone.
    for module in (annotations_pb2, openapiv2_pb2):
        descriptor = FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        copy = target / descriptor.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(print_proto(descriptor))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
