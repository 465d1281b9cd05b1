"""The two speeds of the tests, and the second try of those that kill processes.

`slow`: left out by `make test`; `make test-all` runs everything.
`killed`: kills a process. Slow, and tried a second time when it fails: how far a process has come when it
dies depends on the load of the machine. The last lines of the output name each test that was tried twice.
"""

from collections.abc import Generator

import pytest

MARKERS = (
    "slow: takes long; `make test` leaves it out, `make test-all` runs it",
    "killed: kills a process; slow, and tried a second time when it fails",
)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("killed"):
            item.add_marker("slow")
            item.add_marker(pytest.mark.flaky(reruns=1))  # of pytest-rerunfailures
    # The longest tests come first, so that no process is alone at work at the end.
    items.sort(key=lambda item: item.get_closest_marker("killed") is None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """After all other summaries, so that only pytest's own last line follows."""
    yield
    again = sorted({report.nodeid for report in terminalreporter.stats.get("rerun", ())})
    if again:
        terminalreporter.write_sep("=", f"second tries: {len(again)}", yellow=True)
        terminalreporter.write_line("\n".join(again))
