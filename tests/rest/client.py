"""A client of the REST API that holds every answer against the OpenAPI document that the gateway serves."""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from google.protobuf import descriptor_pool, json_format
from google.rpc import status_pb2

from tests.rest.document import Document
from tests.rest.messages import ARRAY, messages_of
from tests.service.api import Failure, failure_in

WAIT_SECONDS = 30.0
_DOCUMENT = Path(__file__).parents[2] / "gen" / "openapi" / "openapi.json"

Headers = Mapping[str, str]
QueryItems = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back. body: without its content encoding; empty where messages of a stream follow."""

    status: int
    headers: httpx.Headers
    body: bytes

    @functools.cached_property
    def json(self) -> Any:
        """The body."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)

    @property
    def ok(self) -> Any:
        """The body of an answer that has to be 200."""
        assert self.status == 200, (self.status, self.body)
        return self.json

    @property
    def failure(self) -> Failure:
        """What an error of the server says: the same as over gRPC."""
        assert self.status >= 400, (self.status, self.body)
        return failure_in_json(self.json)


def failure_in_json(status: Any) -> Failure:
    """What a google.rpc.Status in JSON says. A client of protobuf reads it by itself, details and all."""
    parsed = json_format.ParseDict(
        status, status_pb2.Status(), descriptor_pool=descriptor_pool.Default()
    )
    return failure_in(parsed)


@dataclass(frozen=True)
class Stream:
    """head: status and headers, and the body of a refusal. messages: as they come, each checked.

    An error in the stream is raised as tests.rest.messages.StreamEndedError, a broken connection as
    httpx.RemoteProtocolError.
    """

    head: Answer
    messages: Iterator[Any]


class Rest:
    """Somebody who calls over HTTP; `signed_in` is somebody with a session. Any thread may call."""

    def __init__(self, http: httpx.Client, document: Document, token: str = "") -> None:
        self._http = http
        self.document = document
        self.token = token

    @property
    def base_url(self) -> str:
        """Where the gateway is, for a client of another kind."""
        return str(self._http.base_url)

    def signed_in(self, token: str) -> "Rest":
        """Somebody with this session token; empty: without one."""
        return Rest(self._http, self.document, token)

    def get(self, path: str, headers: Headers | None = None, **query: Any) -> Answer:
        """GET with these query parameters."""
        return self.request("GET", path, query=query.items(), headers=headers)

    def post(self, path: str, body: Any, headers: Headers | None = None) -> Answer:
        """POST of a JSON body."""
        return self.request("POST", path, body=body, headers=headers)

    def patch(self, path: str, body: Any, headers: Headers | None = None, **query: Any) -> Answer:
        """PATCH with a JSON body."""
        return self.request("PATCH", path, body=body, headers=headers, query=query.items())

    def delete(self, path: str, headers: Headers | None = None, **query: Any) -> Answer:
        """DELETE with these query parameters."""
        return self.request("DELETE", path, query=query.items(), headers=headers)

    def request(
        self,
        verb: str,
        path: str,
        *,
        body: Any = None,
        query: QueryItems = (),
        headers: Headers | None = None,
    ) -> Answer:
        """One call. path: percent-encoded. body: for JSON; None: there is none. The answer is checked."""
        request = self._request(verb, path, query, headers, body)
        response = self._http.send(request)
        return self._checked(request, response, response.content)

    @contextmanager
    def stream(
        self,
        path: str,
        *,
        accept: str = ARRAY,
        query: QueryItems = (),
        headers: Headers | None = None,
    ) -> Iterator[Stream]:
        """A stream of messages, for the block."""
        given = {"accept": accept, **(headers or {})}
        request = self._request("GET", path, query, given)
        response = self._http.send(request, stream=True)
        try:
            if response.status_code == 200:
                head = Answer(200, response.headers, b"")
                yield Stream(head, self._checked_messages(request, response))
            else:
                yield Stream(self._checked(request, response, response.read()), iter(()))
        finally:
            response.close()

    def _request(
        self, verb: str, path: str, query: QueryItems, headers: Headers | None, body: Any = None
    ) -> httpx.Request:
        own = {"authorization": f"Bearer {self.token}"} if self.token else {}
        content = None
        if body is not None:
            own["content-type"] = "application/json"
            content = json.dumps(body)
        return self._http.build_request(
            verb,
            path,
            params=list(query) or None,
            headers={**own, **(headers or {})},
            content=content,
        )

    def _checked(self, request: httpx.Request, response: httpx.Response, body: bytes) -> Answer:
        answer = Answer(response.status_code, response.headers, body)
        self.document.check(
            request.method, _raw_path(request), answer.status, answer.headers, answer.body
        )
        return answer

    def _checked_messages(self, request: httpx.Request, response: httpx.Response) -> Iterator[Any]:
        media_type = response.headers["content-type"]
        for message in messages_of(response.iter_bytes(), media_type):
            self.document.check_message(_raw_path(request), media_type, message)
            yield message


def _raw_path(request: httpx.Request) -> str:
    """The path as it was sent, without the query."""
    return request.url.raw_path.decode("ascii").partition("?")[0]


@contextmanager
def connected(url: str) -> Iterator[Rest]:
    """A client of the gateway at this address, which checks each answer against the OpenAPI document."""
    # Reading the certificates of the world takes longer than most tests, and nothing here has TLS.
    with httpx.Client(base_url=url, trust_env=False, timeout=WAIT_SECONDS, verify=False) as http:
        yield Rest(http, _document())


@functools.cache
def _document() -> Document:
    """The committed one, which is the one that is served (tests/contract/test_document.py)."""
    return Document(json.loads(_DOCUMENT.read_text()))
