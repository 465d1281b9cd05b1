"""What becomes of comments."""

import pytest

from howmuch.gateway.descriptors import Descriptors
from howmuch.gateway.openapi.comments import Comments, Text, summarized
from howmuch.gateway.openapi.error_responses import split_errors
from tests.gateway.openapi.documents import compile_files, compiled

COMMENTED = """
    // What the package is for.
    package a.v1;

    // A thing
    // on two lines.
    //
    // (-- api-linter: core::0122=disabled
    //
    //     aip.dev/not-precedent: it is old. --)
    // buf:lint:ignore FIELD_LOWER_SNAKE_CASE
    //
    // See [the other][a.v1.Other].
    message Thing {
      // Before.
      string name = 1; // And after.
      // Which one.
      oneof choice {
        // First.
        string one = 2;
        string two = 3;
      }
      // Inside.
      message Part {
        // Deep `part_name`.
        string part_name = 1;
      }
      enum Kind {
        // None.
        KIND_UNSPECIFIED = 0;
      }
    }

    // Lists things by `page_size`, from `page_token`.
    message ListThingsRequest {
      // `next_page_token` of before, by `create_time` or `create_time desc`.
      string page_token = 1;
      int32 page_size = 2;
      // Only some of `thing.part_name` and `thing`.
      Thing thing = 3;
    }

    message ListThingsResponse {
      repeated Thing things = 1;
      string next_page_token = 2;
    }

    // Serves.
    service S {
      // Takes `page_size` and gives `next_page_token`.
      rpc ListThings(ListThingsRequest) returns (ListThingsResponse) {
        option (google.api.http) = { get: "/v1/things" };
      }
    }
"""


@pytest.fixture(scope="module")
def descriptors() -> Descriptors:
    """The commented file."""
    return Descriptors(compiled(COMMENTED))


@pytest.fixture(scope="module")
def comments(descriptors: Descriptors) -> Comments:
    """Its comments."""
    return Comments(descriptors)


def test_comment_of_a_message_has_paragraphs(descriptors: Descriptors, comments: Comments) -> None:
    """Lines stay, what linters want is gone, and references are plain text."""
    thing = descriptors.pool.FindMessageTypeByName("a.v1.Thing")
    assert comments.of(thing) == "A thing\non two lines.\n\nSee the other."


def test_comments_before_and_after_are_joined(descriptors: Descriptors, comments: Comments) -> None:
    """A field may have both."""
    thing = descriptors.pool.FindMessageTypeByName("a.v1.Thing")
    assert comments.of(thing.fields_by_name["name"]) == "Before.\n\nAnd after."


def test_everything_nested_has_its_comment(descriptors: Descriptors, comments: Comments) -> None:
    """Oneofs, messages, fields, enums, values, services and methods are all found."""
    thing = descriptors.pool.FindMessageTypeByName("a.v1.Thing")
    assert comments.of(thing.oneofs_by_name["choice"]) == "Which one."
    assert comments.of(thing.fields_by_name["one"]) == "First."
    assert comments.of(thing.fields_by_name["two"]) == ""
    assert comments.of(thing.nested_types_by_name["Part"]) == "Inside."
    kind = thing.enum_types_by_name["Kind"]
    assert comments.of(kind) == ""
    assert comments.of(kind.values_by_name["KIND_UNSPECIFIED"]) == "None."
    assert comments.of(descriptors.services[0]) == "Serves."


def test_names_of_fields_become_those_of_json(descriptors: Descriptors, comments: Comments) -> None:
    """In backticks, and only where a field of that name is meant: a value in another's words stays."""
    part = descriptors.pool.FindMessageTypeByName("a.v1.Thing.Part")
    assert comments.of(part.fields_by_name["part_name"]) == "Deep `partName`."
    request = descriptors.pool.FindMessageTypeByName("a.v1.ListThingsRequest")
    assert comments.of(request) == "Lists things by `pageSize`, from `pageToken`."
    token = comments.of(request.fields_by_name["page_token"])
    assert token == "`nextPageToken` of before, by `create_time` or `create_time desc`."
    (method,) = descriptors.services[0].methods
    assert comments.of(method) == "Takes `pageSize` and gives `nextPageToken`."


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('// The file.\nsyntax = "proto3";\npackage a;', "The file."),
        ('// Copyright 2026 Us.\n\n// The file.\nsyntax = "proto3";\npackage a;', "The file."),
        ('// Copyright 2026 Us.\nsyntax = "proto3";\npackage a;', ""),
        ('// The file.\nsyntax = "proto3";\n// The package.\npackage a;', "The package."),
        ('syntax = "proto3";\npackage a;', ""),
    ],
)
def test_comment_of_a_file_is_not_its_licence(head: str, expected: str) -> None:
    """The comment of the package, else that of the file."""
    descriptors = Descriptors(compile_files({"a.proto": head}))
    assert Comments(descriptors).of_file("a.proto") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Text("", "")),
        ("One\nline.", Text("One line.", "")),
        ("One.\n\nTwo.\n\nThree.", Text("One.", "Two.\n\nThree.")),
        ("Short one. And another.\n\nMore.", Text("Short one. And another.", "More.")),
        (
            f"First of e.g. two. {'Second ' * 20}end.\n\nMore.",
            Text("First of e.g. two.", f"{'Second ' * 20}end.\n\nMore."),
        ),
        (f"{'endless ' * 30}words", Text(f"{'endless ' * 30}words", "")),
    ],
)
def test_summary_is_the_first_paragraph(text: str, expected: Text) -> None:
    """Or its first sentence, where it is long; nothing is lost."""
    assert summarized(text) == expected


def test_errors_are_lines_that_begin_with_a_code() -> None:
    """They are put together by HTTP status; a code within a sentence is no such line."""
    text = (
        "Does it.\n\nMore of it.\nNOT_FOUND: gone\nfor good.\nABORTED, reason STALE: old.\n\n"
        "ALREADY_EXISTS: there.\n\nNOT_FOUND or UNAVAILABLE ends it."
    )
    left, errors = split_errors(text)
    assert left == "Does it.\n\nMore of it.\n\nNOT_FOUND or UNAVAILABLE ends it."
    assert errors == {
        "404": "NOT_FOUND: gone for good.",
        "409": "ABORTED, reason STALE: old.\n\nALREADY_EXISTS: there.",
    }
    assert split_errors("") == ("", {})
