"""tools/protoc_gen_openapi.py, run as protoc and buf run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from google.protobuf.compiler.plugin_pb2 import CodeGeneratorRequest, CodeGeneratorResponse
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from howmuch.gateway.openapi import to_json
from tests.gateway.openapi.documents import howmuch, howmuch_descriptor_set

TOOL = Path(__file__).parents[3] / "tools" / "protoc_gen_openapi.py"


def _run(parameter: str, *files: str) -> CodeGeneratorResponse:
    known = FileDescriptorSet.FromString(howmuch_descriptor_set()).file
    wanted = files or [file.name for file in known if file.name.startswith("howmuch/")]
    request = CodeGeneratorRequest(
        file_to_generate=wanted, parameter=parameter, proto_file=list(known)
    )
    done = subprocess.run(
        [sys.executable, str(TOOL)],
        input=request.SerializeToString(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return CodeGeneratorResponse.FromString(done.stdout)


def test_plugin_writes_the_document_that_the_gateway_serves() -> None:
    """The same descriptors and options make the same bytes."""
    plugins = yaml.safe_load((TOOL.parents[1] / "buf.gen.yaml").read_text())["plugins"]
    [own] = [each for each in plugins if each.get("local") == ["python", f"tools/{TOOL.name}"]]
    response = _run(",".join(own["opt"]))
    assert response.error == ""
    files = {file.name: file.content for file in response.file}
    assert list(files) == ["openapi.json", "openapi.yaml"]
    assert files["openapi.json"].encode() == to_json(dict(howmuch()))
    assert yaml.safe_load(files["openapi.yaml"]) == howmuch()


def test_plugin_parameters_choose_names_and_texts() -> None:
    """Title, version, servers, name and format are what is said."""
    response = _run(
        "title=My API,version=9,description=Mine.,server=https://a.test,server=https://b.test,"
        "name=api,format=json"
    )
    (file,) = response.file
    assert file.name == "api.json"
    document = json.loads(file.content)
    assert document["info"]["title"] == "My API"
    assert (document["info"]["version"], document["info"]["description"]) == ("9", "Mine.")
    assert [server["url"] for server in document["servers"]] == ["https://a.test", "https://b.test"]


def test_plugin_takes_the_services_of_its_files_only() -> None:
    """What is imported is not served; files without services make no document."""
    response = _run("format=json", "howmuch/v1/user_service.proto")
    tags = [tag["name"] for tag in json.loads(response.file[0].content)["tags"]]
    assert tags == ["UserService"]
    assert not _run("", "howmuch/v1/user.proto").file


@pytest.mark.parametrize(
    ("parameter", "error"),
    [
        ("titel=x", "parameter 'titel=x': expected KEY=VALUE"),
        ("title", "parameter 'title': expected KEY=VALUE"),
        ("title=a,title=b", "parameter title is given twice"),
        ("format=xml", "format: expected one of json, yaml, not 'xml'"),
        ("public_option=a.b", "public_option and public_value are given together"),
        ("update_mask=all", "update_mask: expected one of deep, top, off, not 'all'"),
        ("ignore_unknown_fields=yes", "ignore_unknown_fields: expected true or false"),
    ],
)
def test_plugin_says_what_is_wrong(parameter: str, error: str) -> None:
    """A wrong parameter is an error that names it, which protoc prints."""
    response = _run(parameter)
    assert error in response.error
    assert not response.file
