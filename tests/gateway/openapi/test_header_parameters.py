"""Header parameters: only where somebody acts upon the header."""

from howmuch.gateway.options import Preconditions
from tests.gateway.openapi.documents import (
    compiled,
    document_of,
    howmuch,
    operation,
    parameters,
    resolved,
)

SHELF = """
    package library.v1;
    message Book { string id = 1; string etag = 2; }
    service Shelf {
      rpc GetBook(Book) returns (Book) { option (google.api.http) = { get: "/v1/books/{id}" }; }
      rpc AddBook(Book) returns (Book) { option (google.api.http) = { post: "/v1/books" body: "*" }; }
      rpc LendBook(Book) returns (Book) {
        option (google.api.http) = { post: "/v1/books/{id}:lend" body: "*" };
      }
    }
    service Shelf2 {
      rpc AddBook(Book) returns (Book) { option (google.api.http) = { post: "/v2/books" body: "*" }; }
    }
"""


def headers(**options: object) -> dict[str, list[str]]:
    """The header parameters of the operations above, by operation."""
    found = document_of(compiled(SHELF), **options)
    names = ("Shelf_GetBook", "Shelf_AddBook", "Shelf_LendBook", "Shelf2_AddBook")
    return {name: list(parameters(found, name, "header")) for name in names}


def test_document_promises_nothing_that_the_service_must_do() -> None:
    """The gateway itself answers If-None-Match. Keys and preconditions are kept by services that say so."""
    assert headers() == {
        "Shelf_GetBook": ["If-None-Match"],
        "Shelf_AddBook": [],
        "Shelf_LendBook": [],
        "Shelf2_AddBook": [],
    }


def test_key_is_a_parameter_of_the_writes_that_take_it() -> None:
    """A method, all writes of a service, or all of a package; another name that begins so is another."""
    assert headers(idempotency_keys=("library.v1.Shelf.AddBook",))["Shelf_LendBook"] == []
    assert headers(idempotency_keys=("library.v1.Shelf",)) == {
        "Shelf_GetBook": ["If-None-Match"],
        "Shelf_AddBook": ["Idempotency-Key"],
        "Shelf_LendBook": ["Idempotency-Key"],
        "Shelf2_AddBook": [],
    }
    assert headers(idempotency_keys=("library.v1",))["Shelf2_AddBook"] == ["Idempotency-Key"]


def test_if_match_is_a_parameter_of_the_writes_that_check_it() -> None:
    """As for keys, if the request has an etag."""
    found = headers(preconditions=Preconditions(("library.v1.Shelf",)))
    assert found["Shelf_AddBook"] == found["Shelf_LendBook"] == ["If-Match"]
    assert found["Shelf2_AddBook"] == []


def test_failing_if_match_is_documented_where_it_is_checked() -> None:
    """412 has the body of any error; a stale etag in the body stays 409."""
    found = operation(howmuch(), "EventService_UpdateEvent")["responses"]
    stale = resolved(howmuch(), found["412"])
    assert "If-Match" in stale["description"]
    assert stale["content"].keys() == {"application/json"}
    assert "ETAG_STALE" in found["409"]["description"]
    assert "412" not in operation(howmuch(), "EventService_CreateEvent")["responses"]


def test_headers_of_howmuch() -> None:
    """Idempotency-Key on writes of somebody, If-Match on writes of a version, If-None-Match on reads."""
    expected = {
        "EventService_CreateEvent": ["Idempotency-Key"],
        "EventService_GetEvent": ["If-None-Match"],
        "EventService_UpdateEvent": ["Idempotency-Key", "If-Match"],
        "EventService_DeleteEvent": ["Idempotency-Key", "If-Match"],
        "EventService_WatchEvent": ["Last-Event-ID"],
        "ExpenseService_RestoreExpenseVersion": ["Idempotency-Key", "If-Match"],
        "UserService_SignUp": [],
    }
    for name, wanted in expected.items():
        assert list(parameters(howmuch(), name, "header")) == wanted
    for name in ("Idempotency-Key", "If-Match", "If-None-Match"):
        assert "required" not in howmuch()["components"]["parameters"][name]
