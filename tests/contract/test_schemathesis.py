"""howmuch does what its document says and refuses what it does not: requests made out of the document."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
import structlog
from schemathesis.schemas import BaseSchema

from howmuch.app.gateway import HttpGateway
from howmuch.app.telemetry import OpenTracing
from howmuch.config.http import HttpSettings
from howmuch.config.settings import Settings
from howmuch.rpc.methods import SERVICES
from tests.contract.engine import ALL_CHECKS, SEED, SEQUENCES, SINGLE, Report, Target, run
from tests.contract.judge import Judge
from tests.contract.prepared import Prepared
from tests.contract.respelling import Respelling
from tests.contract.summary import PROPERTY
from tests.databases import closing_database, new_sqlite_url
from tests.service.api import Api
from tests.service.conftest import serve

# One process and one server: the requests build on each other.
pytestmark = [pytest.mark.xdist_group("schemathesis"), pytest.mark.timeout(600)]

EXAMPLES = 25
"""Requests of each operation by chance, beside those for all corners of its schemas."""

LEAST_REQUESTS = 2500
ROUNDS, SEQUENCES_A_ROUND = 3, 30
LEAST_IN_SEQUENCES = 100

STOP_SECONDS = 5.0

METHODS = {
    f"{service.name}_{method.name}": method for service in SERVICES for method in service.methods
}

BINDINGS = {f"{name}_1": method for name, method in METHODS.items()}
"""An additional binding has a number after its name."""

ENDLESS = {"EventService_WatchEvent"}
"""Its answers end with their deadline only, and so with an error: a client that wants all of an answer gets
none. tests/rest/test_watch_rest.py holds what it streams against the document."""


@dataclass(frozen=True)
class Contract:
    """What is tested, and who decides."""

    target: Target
    judge: Judge


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Contract]:
    """The running product over SQLite, for two people with sessions."""
    url = new_sqlite_url(tmp_path_factory.mktemp("sqlite"))
    with (
        closing_database(url) as database,
        contextmanager(serve)(database) as api,
        gateway_to(api) as base_url,
        quiet(),
    ):
        document = httpx.get(f"{base_url}/openapi.json", trust_env=False, timeout=30.0).json()
        ana, bo = api.person("Ana"), api.person("Bo")
        prepared, judge = Prepared(api, ana), Judge(Respelling(document, METHODS | BINDINGS))

        def register(schema: BaseSchema) -> None:
            prepared.register(schema)
            judge.register(schema)

        target = Target(
            document=document,
            url=base_url,
            tokens={"Ana": ana.token, "Bo": bo.token},
            directory=tmp_path_factory.mktemp("people"),
            register=register,
            endless=ENDLESS,
        )
        yield Contract(target, judge)


@contextmanager
def gateway_to(api: Api) -> Iterator[str]:
    """The gateway in front of a server; its URL."""
    settings = Settings(http=HttpSettings(listen="127.0.0.1:0"))
    gateway = HttpGateway(settings, api.target, OpenTracing(settings))
    gateway.start()
    try:
        yield f"http://{gateway.address}"
    finally:
        gateway.stop(time.monotonic() + STOP_SECONDS)


@contextmanager
def quiet() -> Iterator[None]:
    """Only errors are logged: a failure is to be read, not searched for among thousands of requests."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    try:
        yield
    finally:
        structlog.configure(**before)


def told(report: Report, judge: Judge) -> str:
    """The numbers, in one line."""
    return f"howmuch against its document: {report}, {judge.excused.total()} failures that are none"


def test_documented_examples_are_answered_as_documented(contract: Contract) -> None:
    """The requests that the document shows, which is the quick part of the next test."""
    report = Report()
    run(contract.target, report, ("examples",), examples=1)
    report.fail_with_all()
    assert report.cases.total() > 0


@pytest.mark.slow
def test_requests_one_by_one_are_answered_as_documented(
    contract: Contract, record_property: Callable[[str, object], None]
) -> None:
    """Documented examples, all corners of the schemas, and chance: what is valid and what is not."""
    report = Report()
    contract.judge.excused.clear()
    run(contract.target, report, SINGLE, examples=EXAMPLES)
    record_property(PROPERTY, told(report, contract.judge))
    report.fail_with_all()
    assert report.cases.total() >= LEAST_REQUESTS, report
    assert report.checks.keys() == ALL_CHECKS
    # Whatever can be called was called so that it did its work.
    assert report.served() == METHODS.keys() - ENDLESS


@pytest.mark.slow
def test_requests_in_sequences_are_answered_as_documented(
    contract: Contract, record_property: Callable[[str, object], None]
) -> None:
    """What was made can be used and what was deleted cannot, and nobody else reads what is somebody's."""
    report = Report()
    contract.judge.excused.clear()
    for number in range(ROUNDS):
        # A sequence that goes on otherwise than its like before ends a round, so there are several.
        run(
            contract.target,
            report,
            SEQUENCES,
            examples=SEQUENCES_A_ROUND,
            seed=SEED + number,
        )
    record_property(PROPERTY, told(report, contract.judge))
    report.fail_with_all()
    assert report.cases.total() >= LEAST_IN_SEQUENCES, report
