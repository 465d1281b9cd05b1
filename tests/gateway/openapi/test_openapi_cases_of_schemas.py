"""The checks of openapi_cases.json on answers, schemas and the rest, one test each, named by its id."""

import json

import pytest

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.routes import RouteTable
from tests.gateway import schema
from tests.gateway.openapi import test_openapi_cases_of_errors as errors
from tests.gateway.openapi import test_openapi_cases_of_operations as of_operations
from tests.gateway.openapi.documents import (
    answer_schema,
    component,
    conformance,
    document,
    is_valid,
    operation,
    operations,
    parameters,
    reference,
    references,
)

CASES = [
    case["id"]
    for case in json.loads((schema.CONFORMANCE / "openapi_cases.json").read_text())["checks"]
]


@pytest.mark.parametrize("case", CASES)
def test_case_has_a_test(case: str) -> None:
    """No check of the file is passed over."""
    assert f"test_{case.replace('-', '_')}" in {**globals(), **vars(errors), **vars(of_operations)}


def test_names_json() -> None:
    """Members have the names that JSON has."""
    names = component(conformance(), "Everything")["properties"]
    assert "customName" in names
    assert "fInt32" in names
    assert not [name for name in names if "_" in name]


def test_schema_names() -> None:
    """Names are short, and qualified only where two would be the same."""
    assert "Everything" in conformance()["components"]["schemas"]
    found = document("""
        package a.v1;
        message Status { google.rpc.Status error = 1; }
        service S { rpc Do(Status) returns (Status) { option (google.api.http) = { get: "/v1/do" }; } }
    """)
    assert set(found["components"]["schemas"]) == {
        "ErrorStatus",
        "a.v1.Status",
        "google.rpc.Status",
    }


def test_float() -> None:
    """A number, or one of the three strings for what JSON has no number for."""
    found = component(conformance(), "Everything")["properties"]["fDouble"]
    for value in (1, 1.5, "NaN", "Infinity", "-Infinity"):
        assert is_valid(conformance(), found, value)
    for wrong in ("1", "nan", None, True):
        assert not is_valid(conformance(), found, wrong)


def test_bytes() -> None:
    """Base64, said in the new and the old way."""
    found = component(conformance(), "Everything")["properties"]["fBytes"]
    assert (found["type"], found["contentEncoding"], found["format"]) == (
        "string",
        "base64",
        "byte",
    )
    assert is_valid(conformance(), found, "+/8=")
    assert not is_valid(conformance(), found, "+/8")


def test_enum() -> None:
    """Names of values with their comments, and no default."""
    assert component(conformance(), "Everything")["properties"]["fColor"] == reference("Color")
    color = component(conformance(), "Color")
    assert color["enum"] == ["COLOR_UNSPECIFIED", "RED", "GREEN", "BLUE", "ULTRAVIOLET"]
    assert color["x-enum-descriptions"] == ["Not given.", "Red.", "", "Deprecated.", ""]
    assert "- `RED`: Red." in color["description"]
    assert "default" not in color


def test_oneof() -> None:
    """At most one member of a oneof, and none is fine."""
    everything = reference("Everything")
    for value in ({}, {"choiceName": ""}, {"choiceSub": {}, "id": "a"}):
        assert is_valid(conformance(), everything, value)
    assert not is_valid(conformance(), everything, {"choiceName": "", "choiceNumber": "1"})
    assert "oneOf" not in component(conformance(), "Everything")


def test_fieldmask() -> None:
    """A string with an example."""
    found = component(conformance(), "Everything")["properties"]["fieldMask"]
    assert (found["type"], found["examples"]) == ("string", ["displayName,sub.name"])


def test_null_value() -> None:
    """The null of protobuf is that of JSON."""
    assert component(conformance(), "Everything")["properties"]["nullValue"] == {"type": "null"}


def test_required() -> None:
    """Only REQUIRED fields are, and not the identifier."""
    assert component(conformance(), "Resource")["required"] == ["displayName"]
    assert "required" not in component(conformance(), "Everything")


def test_readonly() -> None:
    """OUTPUT_ONLY is readOnly."""
    properties = component(conformance(), "Resource")["properties"]
    assert [name for name in properties if properties[name].get("readOnly")] == [
        "sizeBytes",
        "updateTime",
    ]


def test_writeonly() -> None:
    """INPUT_ONLY is writeOnly."""
    properties = component(conformance(), "Resource")["properties"]
    assert [name for name in properties if properties[name].get("writeOnly")] == ["secret"]


def test_ref_siblings() -> None:
    """A description stands beside the reference."""
    found = document("""
        package a.v1;
        message Inner {}
        message M { Inner inner = 1; // What it holds.
        }
        service S { rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; } }
    """)
    inner = component(found, "M")["properties"]["inner"]
    assert inner == {**reference("Inner"), "description": "What it holds."}
    assert "allOf" not in json.dumps(conformance())


def test_patch_mask() -> None:
    """The mask of an update is a parameter, and may be left out."""
    mask = parameters(conformance(), "Bodies_UpdateResource", "query")["updateMask"]
    assert "required" not in mask
    assert "Inferred from the body when absent" in mask["description"]


def test_security() -> None:
    """A bearer token, optional where nothing is known; scopes and annotations say more."""
    assert conformance()["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert conformance()["security"] == [{"bearer": []}, {}]
    found = document("""
        package a.v1;
        message M {}
        service S {
          option (google.api.oauth_scopes) = "read,write";
          rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; }
          rpc Open(M) returns (M) {
            option (google.api.http) = { get: "/v1/open" };
            option (grpc.gateway.protoc_gen_openapiv2.options.openapiv2_operation) = { security: {} };
          }
        }
    """)
    assert operation(found, "S_Do")["security"] == [{"bearer": ["read"]}, {"bearer": ["write"]}]
    assert operation(found, "S_Open")["security"] == []


def test_examples() -> None:
    """Every JSON body and answer has an example."""
    for _, method, each in operations(conformance()):
        if method == "head":
            continue
        for holder in (each.get("requestBody", {}), each["responses"]["200"]):
            media = holder.get("content", {}).get("application/json")
            assert media is None or "example" in media or "examples" in media
    example = operation(conformance(), "Bodies_Create")["requestBody"]["content"][
        "application/json"
    ]["example"]
    assert isinstance(example["fInt64"], str)
    assert example["fColor"] == "RED"


def test_validation() -> None:
    """Rules of buf.validate narrow the schema."""
    found = document("""
        package a.v1;
        message M {
          string name = 1 [(buf.validate.field).string = { min_len: 1, max_len: 9, pattern: "^[a-z]+$" }];
          int32 size = 2 [(buf.validate.field).int32 = { gt: 0, lte: 10 }];
          repeated string tags = 3 [(buf.validate.field).repeated = { min_items: 1, unique: true }];
          string kind = 4 [(buf.validate.field).string = { in: ["a", "b"] }];
        }
        service S {
          rpc Do(M) returns (M) { option (google.api.http) = { post: "/v1/do" body: "*" }; }
        }
    """)
    properties = component(found, "M")["properties"]
    assert properties["name"] == {
        "type": "string",
        "minLength": 1,
        "maxLength": 9,
        "pattern": "^[a-z]+$",
    }
    assert (properties["size"]["exclusiveMinimum"], properties["size"]["maximum"]) == (0, 10)
    assert (properties["tags"]["minItems"], properties["tags"]["uniqueItems"]) == (1, True)
    assert properties["kind"]["enum"] == ["a", "b"]


def test_visibility() -> None:
    """What is restricted is not there, unless its label is asked for."""
    text = """
        package a.v1;
        enum Kind {
          KIND_UNSPECIFIED = 0;
          KIND_SECRET = 1 [(google.api.value_visibility).restriction = "INTERNAL"];
        }
        message M {
          string name = 1;
          string secret = 2 [(google.api.field_visibility).restriction = "INTERNAL"];
          Kind kind = 3;
        }
        service S {
          rpc Do(M) returns (M) { option (google.api.http) = { post: "/v1/do" body: "*" }; }
          rpc Hide(M) returns (M) {
            option (google.api.method_visibility).restriction = "INTERNAL, PARTNER";
            option (google.api.http) = { get: "/v1/hide" };
          }
        }
        service Hidden {
          option (google.api.api_visibility).restriction = "INTERNAL";
          rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/hidden" }; }
        }
    """
    found = document(text)
    assert list(found["paths"]) == ["/v1/do"]
    assert list(component(found, "M")["properties"]) == ["name", "kind"]
    assert component(found, "Kind")["enum"] == ["KIND_UNSPECIFIED"]
    assert [tag["name"] for tag in found["tags"]] == ["S"]
    shown = document(text, visibility=("INTERNAL",))
    assert list(shown["paths"]) == ["/v1/do", "/v1/hide", "/v1/hidden"]
    assert "secret" in component(shown, "M")["properties"]


def test_pruned() -> None:
    """Nothing is there that no operation uses."""
    schemas = set(conformance()["components"]["schemas"])
    assert not schemas & {"ErrorDetails", "UploadRequest", "DownloadRequest", "HttpBody"}
    used = {target.rpartition("/")[2] for target in references(conformance())}
    assert schemas <= used


def test_served() -> None:
    """What is in the document is what the routes are: none is left out without a word."""
    descriptors = Descriptors(schema.descriptor_set())
    routes = RouteTable.from_descriptors(descriptors).routes
    shown = [(method.upper(), each["operationId"]) for _, method, each in operations(conformance())]
    shown += [(each["method"], each["operationId"]) for each in conformance()["x-unmapped"]]
    wanted = [
        (
            route.http_method,
            f"{route.method.containing_service.name}_{route.method.name}"
            + (f"_{route.index}" if route.index else ""),
        )
        for route in routes
    ]
    assert sorted(shown) == sorted(wanted)
    assert answer_schema(conformance(), "Responses_Get") == reference("Everything")
