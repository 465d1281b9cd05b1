"""The checks of openapi_cases.json on errors, one test each, named by its id."""

from tests.gateway.openapi.documents import (
    component,
    conformance,
    document,
    operation,
    operations,
    reference,
    resolved,
)


def test_error_default() -> None:
    """Every operation may answer with google.rpc.Status, whose details are objects with a type."""
    for _, method, each in operations(conformance()):
        if method != "head":
            error = resolved(conformance(), each["responses"]["default"])
            assert error["content"]["application/json"]["schema"] == reference("Status")
    status = component(conformance(), "Status")
    assert list(status["properties"]) == ["code", "message", "details"]
    details = status["properties"]["details"]
    assert details["items"]["required"] == ["@type"]
    assert details["items"]["additionalProperties"] is True


def test_error_codes() -> None:
    """Codes that a comment tells of are answers of their own."""
    found = document("""
        package a.v1;
        message M {}
        service S {
          // Does it.
          //
          // NOT_FOUND: there is no such thing,
          // or it is not yours.
          // ABORTED, reason STALE: somebody was faster.
          rpc Do(M) returns (M) { option (google.api.http) = { get: "/v1/do" }; }
        }
    """)
    made = operation(found, "S_Do")
    missing = "NOT_FOUND: there is no such thing, or it is not yours."
    assert made["responses"]["404"]["description"] == missing
    assert made["responses"]["409"]["description"] == "ABORTED, reason STALE: somebody was faster."
    assert "description" not in made
