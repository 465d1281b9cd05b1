"""Examples: made from schemas, and never against them."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from howmuch.gateway.openapi.components import Component, Components, Names, reference
from howmuch.gateway.openapi.examples import Examples
from tests.gateway.openapi.documents import document, operation


def _example(schema: dict[str, Any], components: Components | None = None) -> Any:
    return Examples(components or Components()).of_request(schema).get("example", ...)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string"},
        {"type": "string", "minLength": 12},
        {"type": "string", "maxLength": 2},
        {"type": "string", "maxLength": 0},
        {"type": "string", "pattern": "^$"},
        {"type": "string", "pattern": "^[0-9]+$"},
        {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        {"type": "string", "pattern": "^[A-Z]", "minLength": 9},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "minimum": 5},
        {"type": "integer", "maximum": -3},
        {"type": "integer", "exclusiveMinimum": 7, "maximum": 8},
        {"type": "integer", "multipleOf": 4, "minimum": 4},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "number", "minimum": 2.5, "maximum": 2.5},
        {"type": "boolean"},
        {"type": "null"},
        {"enum": ["A_UNSPECIFIED", "A_B"]},
        {"enum": ["A_UNSPECIFIED"]},
        {"const": 3},
        {"type": "array", "items": {"type": "string"}, "minItems": 3},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1},
        {
            "type": "object",
            "propertyNames": {"enum": ["true", "false"]},
            "additionalProperties": {"type": "string"},
        },
        {"anyOf": [{"type": "number"}, {"enum": ["NaN"]}]},
        {},
    ],
    ids=str,
)
def test_example_satisfies_its_schema(schema: dict[str, Any]) -> None:
    """Lengths, patterns, bounds, steps and choices are kept."""
    Draft202012Validator(schema).validate(_example(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^#{7}$"},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
        {"type": "array", "items": {"type": "string", "pattern": "^#{7}$"}, "minItems": 1},
        {
            "type": "object",
            "properties": {"x": {"type": "string", "pattern": "^#{7}$"}},
            "required": ["x"],
        },
    ],
    ids=str,
)
def test_no_example_rather_than_a_wrong_one(schema: dict[str, Any]) -> None:
    """Where nothing is found that keeps the rules, there is none."""
    assert _example(schema) is ...


def test_optional_member_without_a_value_is_left_out() -> None:
    """What cannot be shown and is not needed is not there."""
    schema = {
        "type": "object",
        "properties": {"x": {"type": "string", "pattern": "^#{7}$"}, "y": {"type": "boolean"}},
    }
    assert _example(schema) == {"y": True}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "ada@example.com"),
        ("contactEmail", "ada@example.com"),
        ("currencyCode", "EUR"),
        ("startDate", "2026-03-14"),
        ("totalAmount", "12.40"),
        ("timeZone", "Europe/Lisbon"),
        ("homepageUrl", "https://www.example.com/"),
        ("memberId", "member-1"),
        ("nextPageToken", "b2Zmc2V0PTUw"),
        ("displayName", "Display name"),
    ],
)
def test_text_follows_from_the_name(name: str, expected: str) -> None:
    """A name says what a text is like."""
    schema = {"type": "object", "properties": {name: {"type": "string"}}}
    assert _example(schema) == {name: expected}


def test_message_inside_itself_ends() -> None:
    """A component is not shown inside itself."""
    components = Components()
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "string"},
            "child": reference("a.Node"),
            "children": {"type": "array", "items": reference("a.Node")},
        },
    }
    components.made["a.Node"] = Component(Names("Node", "a.Node"), schema)
    assert _example(reference("a.Node"), components) == {"id": "node-1", "children": []}


def test_only_one_of_a_choice_is_shown() -> None:
    """The first member of a oneof, and what is beside it."""
    schema = {
        "type": "object",
        "properties": {name: {"type": "boolean"} for name in ("a", "b", "c")},
        "not": {"anyOf": [{"required": ["a", "b"]}]},
    }
    assert _example(schema) == {"a": True, "c": True}


def test_directions_have_their_own_examples() -> None:
    """Requests have no read-only members and no stale etags, answers no secrets; neither what is old."""
    found = document("""
        package a.v1;
        message M {
          string name = 1;
          string made_by = 2 [(google.api.field_behavior) = OUTPUT_ONLY];
          string secret = 3 [(google.api.field_behavior) = INPUT_ONLY];
          string old = 4 [deprecated = true];
          string etag = 5;
          // When it went. Absent unless it did.
          string gone = 6;
        }
        service S {
          rpc Do(M) returns (M) { option (google.api.http) = { post: "/v1/do" body: "*" }; }
        }
    """)
    content = operation(found, "S_Do")["requestBody"]["content"]["application/json"]
    assert list(content["example"]) == ["name", "secret"]
    assert list(found["components"]["examples"]["M"]["value"]) == ["name", "madeBy", "etag"]


def test_example_of_any_names_a_type_that_is_known() -> None:
    """Every gateway knows the types of google.protobuf, so the example can be sent."""
    found = document("""
        package a.v1;
        message M { google.protobuf.Any detail = 1; }
        service S {
          rpc Do(M) returns (M) { option (google.api.http) = { post: "/v1/do" body: "*" }; }
        }
    """)
    content = operation(found, "S_Do")["requestBody"]["content"]["application/json"]
    assert content["example"]["detail"] == {
        "@type": "type.googleapis.com/google.protobuf.Duration",
        "value": "3.500s",
    }


def test_ids_are_those_of_their_messages() -> None:
    """A field that names a message has the example that an annotation gives for the id of that message."""
    annotation = "grpc.gateway.protoc_gen_openapiv2.options.openapiv2_field"
    found = document(f"""
        package a.v1;
        message BookShelf {{ string id = 1 [({annotation}).example = "\\"bsh_1\\""]; }}
        message M {{ string old_book_shelf_id = 1; repeated string book_shelf_ids = 2; string book_id = 3; }}
        service S {{
          rpc Do(M) returns (M) {{ option (google.api.http) = {{ post: "/v1/do" body: "*" }}; }}
        }}
    """)
    content = operation(found, "S_Do")["requestBody"]["content"]["application/json"]
    assert content["example"] == {
        "oldBookShelfId": "bsh_1",
        "bookShelfIds": ["bsh_1"],
        "bookId": "book-1",
    }
