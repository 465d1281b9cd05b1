"""What every test may use: servers that are there, and the profiles of Hypothesis.

Servers are looked for or started once, before xdist starts its processes, which find the URLs in
their environment. With CI=true or TEST_REQUIRE_SERVICES=1 a test that is skipped is a failure: a
run that is green there has run everything.
"""

import os
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from hypothesis.internal.conjecture import providers

# Most work of a program that starts is to compile its modules. Where the environment forbids their cache
# beside the sources, the tests and the programs that they start keep theirs in build/.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(__file__).parents[1] / "build" / "pycache")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix

from tests import services
from tests.postgres_server import PostgresServer, server_directory

# Tests fork, for programs and terminals, while gRPC is at work in them. Its handlers of that have ended one
# child in a hundred before it became the program.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")

pytest_plugins = [
    "tests.databases",
    "tests.speed",
    "tests.marks",
    "tests.gateway.summary",
    "tests.contract.summary",
]

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")
if os.environ.get("CI"):
    # Otherwise the literals of whatever this process has imported so far get into the examples, and no run
    # is like another. There is no setting for it.
    providers._get_local_constants = lambda: providers._local_constants

RUNNING = pytest.StashKey[ExitStack]()
MISSING = pytest.StashKey[dict[str, str]]()


def nothing_may_be_skipped() -> bool:
    wanted = os.environ.get("TEST_REQUIRE_SERVICES") or os.environ.get("CI") or ""
    return wanted.lower() not in ("", "0", "false")


def pytest_configure(config: pytest.Config) -> None:
    # Who runs the tests in the background ignores Ctrl+C, and with that every program that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        running = config.stash[RUNNING] = ExitStack()
        config.stash[MISSING] = services.provide(running)


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUNNING in config.stash:
        config.stash[RUNNING].close()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for name, reason in config.stash.get(MISSING, {}).items():
        terminalreporter.write_sep("=", f"not tested on {name}")
        terminalreporter.write_line(
            f"The tests that need {name} were skipped, because there is none: {reason}. "
            f"Install or start it, or name one in the environment, and run the tests again."
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and nothing_may_be_skipped():
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped and nothing_may_be_skipped():
        refuse_skip(report)
    return report


def refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says what would have been skipped, and why."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"Nothing may be skipped in this run, but this asked for it. {reason}"


@pytest.fixture(scope="session")
def postgres_server_url() -> str:
    """URL of a PostgreSQL server whose user may create databases, as psycopg takes it."""
    return url_of("TEST_POSTGRES_URL")


@pytest.fixture
def own_postgres(postgres_server_url: str) -> Iterator[PostgresServer]:
    """A PostgreSQL server of the test's own, which it may kill."""
    with server_directory() as directory:
        server = PostgresServer(directory)
        server.start()
        yield server
        server.kill()


@pytest.fixture(scope="session")
def pgbouncer_url() -> str:
    """URL of a PgBouncer in transaction mode, before every database of that server."""
    return url_of("TEST_PGBOUNCER_URL")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """URL of a Redis; tests keep to a prefix of their own."""
    return url_of("TEST_REDIS_URL")


@pytest.fixture(scope="session")
def etcd_url() -> str:
    """URL of an etcd; tests keep to a prefix of their own."""
    return url_of("TEST_ETCD_URL")


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """URL of a RabbitMQ whose virtual hosts tests may make."""
    return url_of("TEST_RABBITMQ_URL")


@pytest.fixture(scope="session")
def chromedriver_url() -> str:
    """URL of a ChromeDriver, which opens windows of Chromium."""
    return url_of("TEST_CHROMEDRIVER_URL")


def url_of(variable: str) -> str:
    if not (url := os.environ[variable]):
        pytest.skip(f"{variable}: no server answers and none could be started")
    return url
