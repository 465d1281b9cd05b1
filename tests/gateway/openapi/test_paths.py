"""Paths and their parameters."""

import pytest

from howmuch.gateway.openapi.paths import singular
from tests.gateway.openapi.documents import document, operation, parameters


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("books", "book"),
        ("shelves", "shelf"),
        ("archives", "archive"),
        ("categories", "category"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("branches", "branch"),
        ("people", "person"),
        ("status", "status"),
        ("analysis", "analysis"),
        ("glass", "glass"),
        ("event-types", "eventType"),
        ("user_groups", "userGroup"),
        ("Books", "book"),
        ("a", "a"),
        ("s", "s"),
        ("ties", "tie"),
        ("~", "part"),
    ],
)
def test_singular_names_one_of_many(plural: str, expected: str) -> None:
    """As people say it, in lowerCamelCase."""
    assert singular(plural) == expected


def _paths(*templates: str) -> list[str]:
    rpcs = "".join(
        f'rpc Do{index}(M) returns (M) {{ option (google.api.http) = {{ get: "{template}" }}; }}'
        for index, template in enumerate(templates)
    )
    found = document(f"""
        package a.v1;
        message Inner {{ string id = 1; string event_id = 2; }}
        message M {{ string id = 1; string event_id = 2; string name = 3; Inner inner = 4; }}
        service S {{ {rpcs} }}
    """)
    return list(found["paths"])


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("/v1/things/{event_id}", "/v1/things/{eventId}"),
        ("/v1/things/{inner.event_id}", "/v1/things/{innerEventId}"),
        ("/v1/{name=things/*}", "/v1/things/{thing}"),
        ("/v1/{name=things/*/things/*}", "/v1/things/{thing}/things/{thing2}"),
        ("/v1/{name=**}:find", "/v1/{name}:find"),
        ("/v1/{name=files/**}/meta", "/v1/files/{file}/meta"),
        ("/v1/*/things/**", "/v1/{v1}/things/{thing}"),
        ("/*/{id}", "/{part0}/{id}"),
        ("/v1/{name=*/*}", "/v1/{name}/{name2}"),
        ("/v1/caf%C3%A9/{id}", "/v1/caf%C3%A9/{id}"),
        ("/v1/things:all", "/v1/things:all"),
        ("/", "/"),
    ],
)
def test_template_as_a_path(template: str, expected: str) -> None:
    """Every segment that varies has a name in braces; the rest stays as it is in a URL."""
    assert _paths(template) == [expected]


def test_alike_paths_get_the_plainest_names() -> None:
    """Paths that differ in their names only would be one path twice."""
    made = _paths("/v1/{inner.event_id}/a/{inner.id}", "/v1/{event_id}/a/{id}:b")
    assert made == ["/v1/{innerEventId}/a/{innerId}", "/v1/{eventId}/a/{id}:b"]
    found = document("""
        package a.v1;
        message Inner { string id = 1; }
        message M { string inner_id = 1; Inner inner = 2; }
        service S {
          rpc Update(M) returns (M) { option (google.api.http) = { put: "/v1/{inner.id}" }; }
          rpc Get(M) returns (M) { option (google.api.http) = { get: "/v1/{inner_id}" }; }
        }
    """)
    assert list(found["paths"]) == ["/v1/{innerId}"]
    assert list(found["paths"]["/v1/{innerId}"]) == ["put", "get"]


def test_path_parameters_are_of_their_type() -> None:
    """A typed field keeps its schema; a text has at least one letter; an anonymous wildcard is text."""
    found = document("""
        package a.v1;
        enum Kind { KIND_UNSPECIFIED = 0; KIND_A = 1; }
        message M { int32 number = 1; Kind kind = 2; string text = 3; bytes raw = 4; int64 long = 5; }
        service S {
          rpc Do(M) returns (M) {
            option (google.api.http) = { get: "/v1/{number}/{kind}/{text}/{raw}/{long}/*" };
          }
        }
    """)
    made = parameters(found, "S_Do", "path")
    assert made["number"]["schema"]["type"] == "integer"
    assert made["kind"]["schema"] == {"$ref": "#/components/schemas/Kind"}
    assert made["text"]["schema"] == {"type": "string", "minLength": 1}
    assert made["raw"]["schema"]["minLength"] == 1
    assert "minLength" not in made["long"]["schema"]
    assert made["part6"]["schema"] == {"type": "string", "minLength": 1}


def test_query_parameters_leave_out_what_is_not_for_them() -> None:
    """Fields of path and body, what the server sets, nulls and maps are not there."""
    found = document("""
        package a.v1;
        message Inner { string id = 1; string name = 2; }
        message M {
          string id = 1;
          Inner inner = 2;
          Inner body = 3;
          string made = 4 [(google.api.field_behavior) = OUTPUT_ONLY];
          map<string, string> labels = 5;
          string wanted = 6 [(google.api.field_behavior) = REQUIRED];
          string old = 7 [deprecated = true];
        }
        service S {
          rpc Do(M) returns (M) {
            option (google.api.http) = { post: "/v1/{id}/{inner.id}" body: "body" };
          }
        }
    """)
    made = parameters(found, "S_Do", "query")
    assert list(made) == ["inner.name", "wanted", "old"]
    assert made["wanted"]["required"] is True
    assert made["old"]["deprecated"] is True


def test_parameters_of_a_oneof_name_each_other() -> None:
    """What a schema cannot say the description does, and `x-oneof` for programs."""
    found = document("""
        package a.v1;
        message Inner { oneof pick { string left = 1; string right = 2; } }
        message M { oneof choice { string one = 1; Inner two = 2; } string three = 3; }
        service S { rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; } }
    """)
    made = parameters(found, "S_Do", "query")
    assert made["one"]["description"] == "At most one of `one`, `two` can be set."
    assert made["one"]["x-oneof"] == {"choice": "one"}
    assert made["two.left"]["description"] == (
        "At most one of `one`, `two` can be set.\n\n"
        "At most one of `two.left`, `two.right` can be set."
    )
    assert made["two.left"]["x-oneof"] == {"choice": "two", "two.pick": "two.left"}
    assert not {"description", "x-oneof"} & set(made["three"])


@pytest.mark.parametrize(
    ("comment", "mode", "says"),
    [
        ("", "deep", True),
        ("// Which fields.", "top", True),
        ("// Which fields. Absent: all.", "top", False),
        ("", "off", False),
    ],
)
def test_update_mask_says_that_it_is_inferred(comment: str, mode: str, says: bool) -> None:
    """Where it is, and where the comment has not said so already."""
    found = document(
        f"""
        package a.v1;
        message M {{ string id = 1; }}
        message UpdateMRequest {{
          M m = 1;
          {comment}
          google.protobuf.FieldMask update_mask = 2;
        }}
        service S {{
          rpc UpdateM(UpdateMRequest) returns (M) {{
            option (google.api.http) = {{ patch: "/v1/{{m.id}}" body: "m" }};
          }}
        }}
        """,
        update_mask=mode,
    )
    mask = parameters(found, "S_UpdateM", "query")["updateMask"]
    assert ("Inferred from the body" in mask.get("description", "")) == says
    assert "examples" not in mask["schema"]


def test_raw_bodies_take_any_type() -> None:
    """google.api.HttpBody is the body itself, with the rest in the query."""
    found = document("""
        package a.v1;
        message Upload { string name = 1; google.api.HttpBody file = 2; string note = 3; }
        service S {
          rpc Put(Upload) returns (google.api.HttpBody) {
            option (google.api.http) = { put: "/v1/files/{name}" body: "file" };
          }
        }
    """)
    body = operation(found, "S_Put")["requestBody"]
    assert body == {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    assert list(parameters(found, "S_Put", "query")) == ["note"]
    assert "HttpBody" not in found["components"]["schemas"]
