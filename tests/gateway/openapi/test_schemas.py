"""Schemas of messages: what is required, closed and left out, in which direction."""

from typing import Any

from tests.gateway.openapi.documents import (
    answer_schema,
    body_schema,
    component,
    document,
    is_valid,
    operation,
    reference,
)

_RPC = "rpc {}({}) returns ({}) {{ option (google.api.http) = {{ {} }}; }}"


def _service(*rpcs: tuple[str, str, str, str]) -> str:
    return f"service S {{ {' '.join(_RPC.format(*rpc) for rpc in rpcs)} }}"


def test_required_field_of_output_is_not_required() -> None:
    """What only the server sets cannot be asked of a request, even if it is always there."""
    found = document(
        """
        package a.v1;
        message M {
          string id = 1 [(google.api.field_behavior) = OUTPUT_ONLY, (google.api.field_behavior) = REQUIRED];
          string name = 2 [(google.api.field_behavior) = REQUIRED];
          oneof choice {
            string one = 3 [(google.api.field_behavior) = REQUIRED];
            string two = 4;
          }
        }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    assert component(found, "M")["required"] == ["name"]


def test_required_input_is_not_required_of_answers() -> None:
    """A REQUIRED and INPUT_ONLY field is required only where answers do not have the message."""
    text = """
        package a.v1;
        message In {
          string secret = 1 [
            (google.api.field_behavior) = REQUIRED,
            (google.api.field_behavior) = INPUT_ONLY
          ];
        }
        message Out {}
    """
    sent = document(text + _service(("Do", "In", "Out", 'post: "/v1/do" body: "*"')))
    assert component(sent, "In")["required"] == ["secret"]
    both = document(text + _service(("Do", "In", "In", 'post: "/v1/do" body: "*"')))
    assert "required" not in component(both, "In")


def test_closed_where_requests_reach() -> None:
    """Requests with unknown members are refused; what answers hold may grow."""
    text = """
        package a.v1;
        message Deep { string x = 1; }
        message In { Deep deep = 1; }
        message Out { string y = 1; }
    """ + _service(("Do", "In", "Out", 'post: "/v1/do" body: "*"'))
    found = document(text)
    assert component(found, "In")["additionalProperties"] is False
    assert component(found, "Deep")["additionalProperties"] is False
    assert "additionalProperties" not in component(found, "Out")
    lenient = document(text, ignore_unknown_fields=True)
    assert "additionalProperties" not in component(lenient, "In")


def test_open_where_something_is_hidden() -> None:
    """A hidden field is still sent and taken, so the schema cannot rule it out."""
    found = document(
        """
        package a.v1;
        message M { string x = 1 [(google.api.field_visibility).restriction = "INTERNAL"]; }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    assert is_valid(found, reference("M"), {"x": "1"})


def test_deep_update_needs_nothing_inside_messages() -> None:
    """With masks down to single fields, messages inside a body are partial as well; otherwise whole."""
    text = """
        package a.v1;
        message Leaf { string name = 1 [(google.api.field_behavior) = REQUIRED]; Leaf leaf = 2; }
        message Thing {
          Leaf leaf = 1;
          repeated Leaf leaves = 2;
        }
        message UpdateThingRequest { Thing thing = 1; google.protobuf.FieldMask update_mask = 2; }
    """ + _service(
        ("UpdateThing", "UpdateThingRequest", "Thing", 'patch: "/v1/thing" body: "thing"')
    )
    deep = document(text)
    body = body_schema(deep, "S_UpdateThing")
    assert body == reference("UpdateThingBody")
    assert is_valid(deep, body, {"leaf": {"leaf": {"leaf": {}}}})
    assert not is_valid(deep, body, {"leaves": [{}]})
    top = document(text, update_mask="top")
    assert body_schema(top, "S_UpdateThing") == reference("Thing")
    assert not is_valid(top, body_schema(top, "S_UpdateThing"), {"leaf": {}})


def test_siblings_of_a_bound_oneof_are_left_out() -> None:
    """Where the path sets a member of a oneof, the body cannot set another."""
    found = document(
        """
        package a.v1;
        message M {
          oneof choice { string one = 1; string two = 2; string three = 3; }
          string rest = 4;
        }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do/{one}" body: "*"'))
    )
    assert list(component(found, "DoBody")["properties"]) == ["rest"]
    assert "not" not in component(found, "DoBody")


def test_body_with_a_bound_field_inside_has_components_of_its_own() -> None:
    """Each message on the way to a field of the path is described without it."""
    found = document(
        """
        package a.v1;
        message Inner { string id = 1; string name = 2; }
        message M { Inner inner = 1; Inner other = 2; }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do/{inner.id}" body: "*"'))
    )
    body = component(found, "DoBody")
    assert body["properties"]["inner"] == reference("DoBody.Inner")
    assert body["properties"]["other"] == reference("Inner")
    assert list(component(found, "DoBody.Inner")["properties"]) == ["name"]


def test_bindings_have_bodies_of_their_own() -> None:
    """An additional binding that sets something else has another body."""
    found = document(
        """
        package a.v1;
        message M { string id = 1; string name = 2; }
        """
        + _service(
            (
                "Do",
                "M",
                "M",
                'post: "/v1/do/{id}" body: "*" additional_bindings { post: "/v1/{name}/do" body: "*" }',
            )
        )
    )
    assert list(component(found, "DoBody")["properties"]) == ["name"]
    assert list(component(found, "DoBody_1")["properties"]) == ["id"]


def test_message_that_is_a_choice_has_one_member() -> None:
    """Where a request's message is a oneof and nothing else, one member is the most."""
    found = document(
        """
        package a.v1;
        message M {
          // Which one.
          oneof choice { string one = 1; string two = 2; }
        }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    made = component(found, "M")
    assert made["maxProperties"] == 1
    assert "not" not in made
    assert made["description"] == "At most one of `one`, `two` is set. Which one."


def test_optional_field_is_no_choice() -> None:
    """`optional` is a oneof to protoc and to nobody else."""
    found = document(
        """
        package a.v1;
        message M { optional string a = 1; optional string b = 2; }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    assert is_valid(found, reference("M"), {"a": "", "b": ""})


def test_map_keys_are_of_their_type() -> None:
    """Keys of numbers look like numbers, those of booleans like booleans."""
    found = document(
        """
        package a.v1;
        message M { map<int32, string> numbers = 1; map<bool, string> flags = 2; map<uint64, M> more = 3; }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    made = reference("M")
    assert is_valid(
        found, made, {"numbers": {"-1": "a"}, "flags": {"true": "a"}, "more": {"7": {}}}
    )
    wrongs: list[Any] = [{"numbers": {"x": "a"}}, {"flags": {"1": "a"}}, {"more": {"-1": {}}}]
    for wrong in wrongs:
        assert not is_valid(found, made, wrong)


def test_part_of_an_answer_may_be_null() -> None:
    """response_body of a message that is not set is null; of a scalar it is the default."""
    found = document(
        """
        package a.v1;
        message M { M inner = 1; int64 number = 2; repeated M list = 3; }
        """
        + _service(
            ("GetInner", "M", "M", 'get: "/v1/inner" response_body: "inner"'),
            ("GetNumber", "M", "M", 'get: "/v1/number" response_body: "number"'),
            ("GetList", "M", "M", 'get: "/v1/list" response_body: "list"'),
        )
    )
    assert answer_schema(found, "S_GetInner") == {"anyOf": [reference("M"), {"type": "null"}]}
    assert not is_valid(found, answer_schema(found, "S_GetNumber"), None)
    assert is_valid(found, answer_schema(found, "S_GetList"), [])


def test_empty_is_an_empty_object() -> None:
    """google.protobuf.Empty needs no component."""
    found = document(
        "package a.v1;"
        + _service(("Do", "google.protobuf.Empty", "google.protobuf.Empty", 'get: "/v1/do"'))
    )
    assert answer_schema(found, "S_Do") == {"type": "object", "additionalProperties": False}
    content = operation(found, "S_Do")["responses"]["200"]["content"]["application/json"]
    assert content["example"] == {}


def test_immutable_and_deprecated_are_said() -> None:
    """IMMUTABLE, `deprecated` and secrets are marked."""
    found = document(
        """
        package a.v1;
        message M {
          string place = 1 [(google.api.field_behavior) = IMMUTABLE];
          string old = 2 [deprecated = true];
          string pin = 3 [(google.api.field_behavior) = INPUT_ONLY, debug_redact = true];
        }
        """
        + _service(("Do", "M", "M", 'post: "/v1/do" body: "*"'))
    )
    properties = component(found, "M")["properties"]
    assert properties["place"]["x-immutable"] is True
    assert properties["old"]["deprecated"] is True
    assert properties["pin"]["format"] == "password"


def test_clash_of_nested_names_is_qualified() -> None:
    """Messages inside others keep the outer name, so they do not clash."""
    found = document(
        """
        package a.v1;
        message A { message Part { string x = 1; } Part part = 1; B b = 2; }
        message B { message Part { string y = 1; } Part part = 1; }
        """
        + _service(("Do", "A", "A", 'get: "/v1/do"'))
    )
    assert {"A.Part", "B.Part"} <= set(found["components"]["schemas"])
