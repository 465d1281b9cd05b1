"""The whole document: valid, always the same, and right for howmuch."""

import json
import subprocess
import sys

import pytest
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from openapi_spec_validator import OpenAPIV31SpecValidator

from howmuch.gateway.openapi import to_json, to_yaml
from tests.gateway.openapi.documents import (
    Document,
    answer_schema,
    body_schema,
    compile_files,
    component,
    conformance,
    document,
    document_of,
    howmuch,
    howmuch_descriptor_set,
    operation,
    operations,
    parameters,
    path_of,
    reference,
    references,
    resolved,
)

BOTH = pytest.mark.parametrize(
    "document", [conformance(), howmuch()], ids=["conformance", "howmuch"]
)

_PRINT = """
import hashlib, sys
from howmuch.gateway.openapi import to_json
from tests.gateway.openapi.documents import conformance
print(hashlib.sha256(to_json(conformance())).hexdigest())
"""


def test_howmuch_document_is_valid() -> None:
    """The validator of the specification accepts it."""
    OpenAPIV31SpecValidator(howmuch()).validate()


@BOTH
def test_references_all_resolve(document: Document) -> None:
    """Nothing refers to what is not there, and nothing is there that is not referred to."""
    used = set(references(document))
    for target in used:
        assert resolved(document, {"$ref": target}) is not None
    for kind in ("schemas", "responses", "parameters", "examples", "headers"):
        for name in document["components"][kind]:
            assert f"#/components/{kind}/{name}" in used


@BOTH
def test_paths_differ_in_more_than_names(document: Document) -> None:
    """No two paths are the same but for the names of their parameters."""
    shapes = [
        "/".join("{}" if part.startswith("{") and part.endswith("}") else part for part in parts)
        for parts in (path.split("/") for path in document["paths"])
    ]
    assert len(shapes) == len(set(shapes))


@BOTH
def test_path_parameters_are_those_of_the_path(document: Document) -> None:
    """Every name in braces has its parameter, and no name has a dot in it."""
    for path, _, each in operations(document):
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        found = parameters(document, each["operationId"], "path")
        assert list(found) == names
        assert not [name for name in names if "." in name]


@BOTH
def test_parameters_are_unique(document: Document) -> None:
    """An operation has no two parameters of one name in one place."""
    for _, _, each in operations(document):
        found = [resolved(document, one) for one in each.get("parameters", ())]
        keys = [(one["in"], one["name"].lower()) for one in found]
        assert len(keys) == len(set(keys))


@pytest.mark.slow
def test_document_is_the_same_in_another_process() -> None:
    """Neither the order of sets nor the run of the program shows in it."""
    made = [
        subprocess.run(
            [sys.executable, "-c", _PRINT],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert made[0] == made[1] != ""


def test_json_keeps_letters_and_order() -> None:
    """Text stays readable, members stay in their order, and the file ends with a line."""
    text = to_json({"b": "ü", "a": [1]}).decode()
    assert text == '{\n  "b": "ü",\n  "a": [\n    1\n  ]\n}\n'


@BOTH
def test_yaml_says_the_same_as_json(document: Document) -> None:
    """Both are the same document."""
    assert json.loads(to_json(dict(document))) == document
    if document is howmuch():
        assert yaml.safe_load(to_yaml(dict(document))) == document


def test_yaml_writes_long_texts_as_blocks() -> None:
    """Several lines are a block; one line stays one line however long it is; nothing is an alias."""
    shared = {"x": 1}
    text = to_yaml({"a": "one\ntwo", "b": "word " * 60 + "end", "c": [shared, shared]}).decode()
    assert "a: |-\n  one\n  two\n" in text
    assert f"b: {'word ' * 60}end\n" in text
    assert text.endswith("c:\n  - x: 1\n  - x: 1\n")


def test_howmuch_paths_are_named_alike() -> None:
    """An update, whose template reaches into the resource, has the path of its other methods."""
    item = howmuch()["paths"]["/v1/events/{eventId}/expenses/{expenseId}"]
    assert list(item) == ["get", "patch", "delete"]
    assert [each["name"] for each in item["patch"]["parameters"] if "name" in each] == [
        "eventId",
        "expenseId",
        "updateMask",
    ]


def test_howmuch_update_needs_no_required_field() -> None:
    """A PATCH has a body of its own: no field of the path, nothing required, and parts whole."""
    assert body_schema(howmuch(), "ExpenseService_UpdateExpense") == reference("UpdateExpenseBody")
    body = component(howmuch(), "UpdateExpenseBody")
    assert not {"id", "eventId"} & set(body["properties"])
    assert "required" not in body
    assert body["properties"]["split"]["$ref"] == "#/components/schemas/Split"
    assert "Without `eventId` and `id`, which the path gives." in body["description"]


def test_howmuch_creation_uses_the_resource() -> None:
    """Where nothing is bound, request and answer have the same component."""
    assert body_schema(howmuch(), "EventService_CreateEvent") == reference("Event")
    assert answer_schema(howmuch(), "EventService_CreateEvent") == reference("Event")


def test_howmuch_public_methods_need_no_token() -> None:
    """What `access` calls public is open, and everything else needs the token."""
    assert howmuch()["security"] == [{"bearer": []}, {"cookie": []}]
    public = [each["operationId"] for _, _, each in operations(howmuch()) if "security" in each]
    assert public == [
        "EventService_GetInvitation",
        "EventService_ShowInvitation",
        "UserService_SignUp",
        "UserService_LogIn",
        "UserService_VerifyEmail",
        "UserService_ConfirmEmailChange",
        "UserService_UndoEmailChange",
        "UserService_RequestPasswordReset",
        "UserService_ResetPassword",
        "UserService_ShowUnsubscribe",
        "UserService_Unsubscribe",
        "UserService_ShowVerifyEmail",
        "UserService_ShowResetPassword",
        "UserService_ShowConfirmEmailChange",
        "UserService_ShowUndoEmailChange",
    ]
    assert operation(howmuch(), "UserService_LogIn")["security"] == []
    assert "401" in operation(howmuch(), "UserService_GetMe")["responses"]
    assert "401" not in operation(howmuch(), "UserService_SignUp")["responses"]


def test_howmuch_errors_come_from_comments() -> None:
    """A status has what the comment says of its code; the rest of the comment is the description."""
    made = operation(howmuch(), "UserService_SignUp")
    assert made["responses"]["409"]["description"].startswith("ALREADY_EXISTS, reason EMAIL_TAKEN")
    assert "Retry-After" in made["responses"]["429"]["headers"]
    assert "EMAIL_TAKEN" not in made.get("description", "")


def test_reads_can_be_answered_with_304() -> None:
    """What has an ETag can be asked for again; streams have none."""
    read = operation(howmuch(), "EventService_GetEvent")["responses"]
    assert "ETag" in read["200"]["headers"]
    assert "content" not in resolved(howmuch(), read["304"])
    stream = operation(howmuch(), "EventService_WatchEvent")["responses"]
    assert "304" not in stream
    assert "ETag" not in stream["200"]["headers"]


def test_head_has_no_bodies() -> None:
    """No answer to HEAD has a body, errors included."""
    answers = operation(conformance(), "Paths_HeadThing")["responses"]
    assert answers.keys() == {"200", "400", "default"}
    for answer in answers.values():
        assert "content" not in answer
        assert "X-Request-Id" in answer["headers"]


def test_path_that_is_taken_is_listed() -> None:
    """A second route of the same path and method is named rather than lost."""
    unmapped = {each["operationId"]: each["reason"] for each in conformance()["x-unmapped"]}
    assert "Paths_PrecVariable" in unmapped["Paths_PrecDouble"]
    assert path_of(conformance(), "Paths_PrecVariable") == "/v1/prec/{id}"


def test_services_of_one_name_are_told_apart() -> None:
    """Two services called the same have their package in ids and tags."""
    rpc = 'rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; }'
    first = f"package a.v1; message M {{}} service S {{ {rpc} }}"
    second = f"package b.v1; message M {{}} service S {{ {rpc.replace('v1', 'v2')} }}"
    head = 'syntax = "proto3"; import "google/api/annotations.proto";'
    found = document_of(compile_files({"a.proto": head + first, "b.proto": head + second}))
    assert [each["operationId"] for _, _, each in operations(found)] == ["a_v1_S_Do", "b_v1_S_Do"]
    assert [tag["name"] for tag in found["tags"]] == ["a.v1.S", "b.v1.S"]
    assert set(found["components"]["schemas"]) >= {"a.v1.M", "b.v1.M"}


def test_server_is_here_where_nothing_is_said() -> None:
    """Without any host the document belongs to where it was read."""
    found = document("""
        package a;
        message M {}
        service S { rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; } }
    """)
    assert found["servers"] == [{"url": "/"}]
    assert found["info"] == {"title": "A API", "version": "1"}


def test_document_without_source_info_has_no_texts() -> None:
    """A set without comments makes a document without descriptions of its own."""
    files = FileDescriptorSet.FromString(howmuch_descriptor_set())
    for file in files.file:
        file.ClearField("source_code_info")
    found = document_of(files.SerializeToString())
    OpenAPIV31SpecValidator(found).validate()
    assert "summary" not in operation(found, "EventService_GetEvent")
    assert "description" not in component(found, "Event")


def test_required_fields_of_howmuch_are_in_every_resource() -> None:
    """A field that answers have to have can never be empty in what is stored."""
    found = {
        name: each["required"]
        for name, each in howmuch()["components"]["schemas"].items()
        if "required" in each and not name.endswith(("Body", "Request"))
    }
    assert found == {
        "AdjustedSplit": ["parts"],
        "AdjustedSplit.Part": ["memberId"],
        "Event": ["name"],
        "ExactSplit": ["parts"],
        "ExactSplit.Part": ["memberId", "amount"],
        "Expense": ["reason", "payments"],
        "ItemizedSplit": ["items"],
        "ItemizedSplit.Item": ["amount", "memberIds"],
        "Payment": ["memberId"],
        "PercentSplit": ["parts"],
        "PercentSplit.Part": ["memberId", "percent"],
        "Status": ["code", "message", "details"],
        "StreamFailure": ["error"],
        "SettlementTransfer": ["revision", "index"],
        "User": ["name"],
        "WeightsSplit": ["parts"],
        "WeightsSplit.Part": ["memberId"],
    }
