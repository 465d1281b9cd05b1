"""The checks of openapi_cases.json on operations, one test each, named by its id."""

import json

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.gateway import schema
from tests.gateway.openapi.documents import (
    body_schema,
    conformance,
    document,
    document_of,
    operation,
    operations,
    parameters,
    path_of,
    reference,
    references,
    resolved,
)


def test_schema_valid() -> None:
    """The document is valid, every reference resolves, and operationIds are unique."""
    found = conformance()
    OpenAPIV31SpecValidator(found).validate()
    for target in set(references(found)):
        assert resolved(found, {"$ref": target}) is not None
    ids = [each["operationId"] for _, _, each in operations(found)]
    assert len(ids) == len(set(ids))


def test_info_from_proto() -> None:
    """Title and version come from the package, the description from the head of the file."""
    info = conformance()["info"]
    assert info["title"] == "Transcode Conformance API"
    assert info["version"] == "v1"
    assert info["description"].startswith("Self-written schema for exercising")
    chosen = document_of(schema.descriptor_set(), title="T", version="3.1", description="D")
    assert chosen["info"] == {"title": "T", "version": "3.1", "description": "D"}


def test_servers() -> None:
    """google.api.default_host is a server over TLS, unless others are given."""
    assert conformance()["servers"] == [{"url": "https://api.example.com"}]
    chosen = document_of(schema.descriptor_set(), servers=("http://a.test", "http://b.test"))
    assert chosen["servers"] == [{"url": "http://a.test"}, {"url": "http://b.test"}]


def test_operation_id() -> None:
    """Service_Method; additional bindings count from 1 in the order of the file."""
    assert path_of(conformance(), "Paths_GetBook") == "/v1/shelves/{shelf}/books/{book}"
    assert path_of(conformance(), "Paths_GetBook_1") == "/v1/archives/{archive}"
    assert path_of(conformance(), "Paths_GetBook_2") == "/v1/projects/{project}/things/{id}"


def test_summary_description() -> None:
    """The first paragraph is the summary and the rest the description; linters' comments are gone."""
    assert operation(conformance(), "Paths_GetSingle")["summary"] == "Single segment variable."
    found = document("""
        package a.v1;
        message M {}
        service S {
          // Does one thing,
          // and well.
          //
          // (-- api-linter: core::0131=disabled
          //     aip.dev/not-precedent: old. --)
          // More of it.
          //
          // And more.
          rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; }
        }
    """)
    made = operation(found, "S_Do")
    assert made["summary"] == "Does one thing, and well."
    assert made["description"] == "More of it.\n\nAnd more."


def test_path_expansion() -> None:
    """A variable of several segments becomes a parameter for each that varies."""
    assert "/v1/shelves/{shelf}/books/{book}" in conformance()["paths"]
    found = parameters(conformance(), "Paths_GetBook", "path")
    assert list(found) == ["shelf", "book"]
    for parameter in found.values():
        assert parameter["required"]
        assert parameter["schema"]["type"] == "string"
        assert "shelves/{shelf}/books/{book}" in parameter["description"]


def test_path_doublestar() -> None:
    """`**` is one parameter that says so, and never allowReserved."""
    assert path_of(conformance(), "Paths_GetFile") == "/v1/files/{name}"
    (name,) = parameters(conformance(), "Paths_GetFile", "path").values()
    assert name["x-multi-segment"] is True
    assert "Any number of segments" in name["description"]
    assert "allowReserved" not in json.dumps(conformance())


def test_path_verb() -> None:
    """A verb stays what it is."""
    assert path_of(conformance(), "Paths_CancelOp") == "/v1/ops/{op}:cancel"
    assert path_of(conformance(), "Paths_BatchOps") == "/v1/ops:batch"


def test_custom_method() -> None:
    """HEAD is shown; PURGE and `*` are listed as what OpenAPI cannot show."""
    assert "head" in conformance()["paths"]["/v1/headonly/{id}"]
    unmapped = {each["operationId"]: each for each in conformance()["x-unmapped"]}
    assert unmapped["Paths_Purge"]["method"] == "PURGE"
    assert unmapped["Paths_Purge"]["path"] == "/v1/cache/{id}"
    assert unmapped["Paths_AnyMethod"]["method"] == "*"


def test_unannotated() -> None:
    """A method without HTTP rules is not there."""
    assert "Internal" not in json.dumps(conformance())


def test_query_flatten() -> None:
    """Messages are taken apart by JSON names; one inside itself is not entered again."""
    found = parameters(conformance(), "Query_Search", "query")
    names = {name for name in found if name.startswith("sub.")}
    assert names == {"sub.name", "sub.count", "sub.tags", "sub.someField", "sub.optCount"}
    assert "customName" in found
    assert not [name for name in found if "_" in name]


def test_query_repeated() -> None:
    """A repeated field is given several times."""
    found = parameters(conformance(), "Query_Search", "query")["rString"]
    assert (found["style"], found["explode"]) == ("form", True)
    assert found["schema"] == {"type": "array", "items": {"type": "string"}}


def test_query_wkt() -> None:
    """Timestamps, durations and masks are strings, not objects."""
    found = parameters(conformance(), "Query_Search", "query")
    assert found["timestamp"]["schema"] == {"type": "string", "format": "date-time"}
    assert found["duration"]["schema"]["type"] == "string"
    assert found["fieldMask"]["schema"]["type"] == "string"
    assert found["int64Value"]["schema"]["type"] == "string"
    assert not [
        name for name in found if name.startswith(("timestamp.", "duration.", "fieldMask."))
    ]


def test_query_map() -> None:
    """A map cannot be in a query."""
    names = parameters(conformance(), "Query_Search", "query")
    assert not [name for name in names if name.startswith("m")]


def test_query_message_list() -> None:
    """A list of messages cannot be in a query, nor can what is any JSON."""
    names = parameters(conformance(), "Query_Search", "query")
    assert not {"subs", "struct", "value", "listValue", "any"} & set(names)


def test_query_body_star() -> None:
    """With `body: "*"` only the path is left for parameters."""
    assert list(parameters(conformance(), "Bodies_CreateIn", "path")) == ["id"]
    assert not parameters(conformance(), "Bodies_CreateIn", "query")


def test_body_field() -> None:
    """The body is the message of the field."""
    assert body_schema(conformance(), "Bodies_PutSub") == reference("Sub")


def test_body_repeated() -> None:
    """The body is a list where its field is."""
    found = body_schema(conformance(), "Bodies_BodySubs")
    assert found == {"type": "array", "items": reference("Sub")}


def test_body_required() -> None:
    """A body is required unless it is a message in which everything is optional."""
    assert "required" not in operation(conformance(), "Bodies_Create")["requestBody"]
    assert operation(conformance(), "Bodies_BodySubs")["requestBody"]["required"]
    assert operation(conformance(), "Bodies_BodyString")["requestBody"]["required"]
    assert operation(conformance(), "Bodies_UpdateResource")["requestBody"]["required"]


def test_httpbody_download() -> None:
    """A file is binary, of any media type."""
    for name in ("Files_Download", "Files_DownloadField", "Files_DownloadStream"):
        content = operation(conformance(), name)["responses"]["200"]["content"]
        assert content == {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    assert "*/*" in operation(conformance(), "Files_Upload")["requestBody"]["content"]


def test_server_stream() -> None:
    """A stream is an array, lines or events, and its description says so."""
    answer = operation(conformance(), "Streams_Watch")["responses"]["200"]
    content = answer["content"]
    assert content["application/json"]["schema"]["items"] == reference("Everything")
    line = content["application/x-ndjson"]["x-itemSchema"]
    assert line == {"anyOf": [reference("Everything"), reference("StreamFailure")]}
    event = content["text/event-stream"]["x-itemSchema"]["properties"]["data"]
    assert reference("Everything") in event["contentSchema"]["anyOf"]
    assert "This is a stream" in answer["description"]


def test_client_stream() -> None:
    """The messages of a client are an array, or lines."""
    content = operation(conformance(), "Streams_Collect")["requestBody"]["content"]
    assert content["application/json"]["schema"]["items"] == reference("Everything")
    assert content["application/x-ndjson"]["x-itemSchema"] == reference("Everything")
