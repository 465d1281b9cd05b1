"""Requests at random, more than a hundred thousand of them: each is answered, and none breaks anything."""

import asyncio
import json
import random
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from howmuch.gateway.options import GatewayOptions
from tests.gateway.backend import Backend
from tests.gateway.engine import running_gateway
from tests.gateway.http_client import request_bytes, send
from tests.gateway.in_process import Answer, Direct, check, check_meaning, shown
from tests.gateway.random_requests import Request, all_routes, random_request
from tests.gateway.random_values import IN_TARGETS
from tests.gateway.watched_logs import nothing_went_wrong

ROUTES = all_routes()
CREATE = next(route for route in ROUTES if route.template.text == "/v1/create")
SEARCH = next(route for route in ROUTES if route.template.text == "/v1/search")
WITH_BODY = [route for route in ROUTES if route.body]
OPTIONS = GatewayOptions(
    cors_origins=("https://app.example.com",), trusted_proxies=("192.0.2.0/24",)
)
SEEDS = st.integers(0, 2**63)
PER_SEED = 100
RAW_REQUESTS = 4000
TOGETHER = 200
RAW_SECONDS = 60.0


def stable(examples: int) -> Callable[..., Any]:
    """The same requests in each run, and nothing kept from one for the next."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


class Fuzzed:
    """Runs requests, checks what became of them, and counts."""

    def __init__(self, runner: asyncio.Runner, direct: Direct) -> None:
        self._runner = runner
        self._direct = direct
        self.statuses: Counter[int] = Counter()

    def run(self, *requests: Request) -> list[Answer]:
        answers: list[Answer] = self._runner.run(self._direct.ask_all(requests))
        for request, answer in zip(requests, answers, strict=True):
            self.statuses[answer.status] += 1
            try:
                check(request, answer)
                check_meaning(request, answer)
            except Exception as error:
                error.add_note(f"{shown(request)} -> {answer.status}")
                raise
        return answers


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[Fuzzed]:
    with asyncio.Runner() as runner:
        direct = Direct()
        runner.run(direct.open(OPTIONS))
        yield Fuzzed(runner, direct)
        runner.run(direct.close())


@pytest.fixture(autouse=True)
def report(fuzzed: Fuzzed, capsys: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Says how many requests there were; nothing of them is an error in the log."""
    fuzzed.statuses.clear()
    with nothing_went_wrong():
        yield
    with capsys.disabled():
        print(f"\n{fuzzed.statuses.total()} requests: {dict(sorted(fuzzed.statuses.items()))}")  # noqa: T201


@given(SEEDS)
@stable(10)
def test_some_requests_of_all_routes(fuzzed: Fuzzed, seed: int) -> None:
    """The quick part of the next test."""
    rng = random.Random(seed)
    fuzzed.run(*(random_request(rng, ROUTES) for _ in range(PER_SEED)))


@pytest.mark.slow
@given(SEEDS)
@stable(500)
def test_requests_of_all_routes(fuzzed: Fuzzed, seed: int) -> None:
    """Each route with what it takes, and some of that spoilt."""
    rng = random.Random(seed)
    fuzzed.run(*(random_request(rng, ROUTES) for _ in range(PER_SEED)))


@pytest.mark.slow
@given(SEEDS)
@stable(350)
def test_requests_with_bodies(fuzzed: Fuzzed, seed: int) -> None:
    """Most of them are taken: what they mean is compared with the official parser."""
    rng = random.Random(seed)
    fuzzed.run(*(random_request(rng, WITH_BODY, 0.03) for _ in range(PER_SEED)))


@pytest.mark.slow
@given(SEEDS)
@stable(250)
def test_requests_that_are_nearly_all_spoilt(fuzzed: Fuzzed, seed: int) -> None:
    """Path, query, body and headers at once."""
    rng = random.Random(seed)
    fuzzed.run(*(random_request(rng, ROUTES, 0.6) for _ in range(PER_SEED)))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "-0", "1.5e3", "NaN", "AA==", "RED", "1s", "2026-01-01T00:00:00Z"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "fInt64", "sub", "child", "value", "any", "@type", "rInt32", "struct"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(JSON, st.booleans())
@stable(1000)
def test_bodies_that_are_any_json(fuzzed: Fuzzed, value: Any, named: bool) -> None:
    """Whatever the value: as the body, and under the name of a field."""
    text = json.dumps({"value": value} if named else value)
    fuzzed.run(Request(CREATE, "POST", "/v1/create", "", (), text.encode("utf-8", "replace")))


PAIRS = st.tuples(
    st.sampled_from(["id", "fInt64=", "r_string=", "sub.child.name=", "optBool=", "duration=", ""]),
    st.text(IN_TARGETS, max_size=8),
)


@pytest.mark.slow
@given(st.lists(PAIRS, max_size=4))
@stable(2000)
def test_queries_that_are_any_text(fuzzed: Fuzzed, pairs: list[tuple[str, str]]) -> None:
    """Whatever stands behind the question mark."""
    query = "&".join("".join(pair) for pair in pairs)
    fuzzed.run(Request(SEARCH, "GET", "/v1/search", query, (), b""))


@pytest.mark.slow
@given(
    st.lists(st.sampled_from([*IN_TARGETS, "v1/", "files/", "%2F", "%C3", ":meta"]), max_size=20)
)
@stable(1000)
def test_paths_that_are_any_text(fuzzed: Fuzzed, parts: list[str]) -> None:
    """Whatever stands before it."""
    for start in ("/", "/v1/single/"):
        fuzzed.run(Request(SEARCH, "GET", start + "".join(parts), "", (), b""))


def raw_request(rng: random.Random) -> bytes:
    """The bytes of a request, cut, doubled and spoilt anywhere; or any bytes."""
    if rng.random() < 0.1:
        return rng.randbytes(rng.randrange(1, 200))
    request = random_request(rng, ROUTES)
    headers = {n: v for n, v in request.headers if set(v) <= set(string.printable)}
    target = request.path + ("?" + request.query if request.query else "")
    data = request_bytes(1, request.method, target, headers, request.body or None)
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        at, to = sorted(rng.randrange(len(data) + 1) for _ in range(2))
        data = rng.choice(
            (
                data[:at] + rng.randbytes(1) + data[at:],
                data[:at] + data[at + 1 :],
                data[:at] + data[to:],
                data[:to] + data[at:],
                data[:at]
                + rng.choice((b"\r\n", b"\n", b"\0", b" ", b":", b"\r\n\r\n"))
                + data[at:],
                data.replace(b"content-length", b"transfer-encoding: chunked\r\nx"),
            )
        )
    return data


@pytest.mark.slow
def test_bytes_on_sockets(fuzzed: Fuzzed, backend: Backend) -> None:
    """Each connection gets HTTP or nothing, never a 5xx, and comes to its end."""
    rng = random.Random(5)
    backend.answer({"responses": [{}]})
    timeouts = {"header_timeout_seconds": 0.5, "body_timeout_seconds": 0.5, "keep_alive_seconds": 1}

    async def ask(port: int, data: bytes) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.timeout(RAW_SECONDS):
                writer.write(data)
                answer = await reader.read()
        except ConnectionError:
            answer = b""
        finally:
            writer.close()
        statuses = [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n", answer)]
        assert bool(statuses) == bool(answer), (data, answer)
        assert max(statuses, default=0) < 500, (data, answer)
        fuzzed.statuses.update(statuses[:1] or [0])

    async def ask_all(port: int) -> None:
        for _ in range(RAW_REQUESTS // TOGETHER):
            await asyncio.gather(*(ask(port, raw_request(rng)) for _ in range(TOGETHER)))

    with running_gateway(backend.port, **timeouts) as port:
        asyncio.run(ask_all(port))
        assert send(port, "GET", "/v1/resp").status == 200
