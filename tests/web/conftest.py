"""Fixtures of the tests of the web app: the app, and windows of a browser that are checked at the end.

Every test here is slow, and the tests of a file share one browser and one server.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.web.app import App
from tests.web.chromium import ACTION_MILLISECONDS, NoChromiumError, chromium
from tests.web.windows import Look, Window, window

OpenWindow = Callable[[Look], Window]


def pytest_itemcollected(item: pytest.Item) -> None:
    item.add_marker("slow")
    item.add_marker(pytest.mark.xdist_group(f"web/{item.path.stem}"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Not for the whole run: while it is open, nothing else may run an event loop."""
    expect.set_options(timeout=ACTION_MILLISECONDS)
    try:
        with chromium() as opened:
            yield opened
    except NoChromiumError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """`howmuch run` for the tests of a file."""
    yield from _app(tmp_path_factory)


@pytest.fixture
def own_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """`howmuch run` of the test's own, which it may stop and start. Its windows: `open_own_window`."""
    yield from _app(tmp_path_factory)


def _app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    served = App(tmp_path_factory.mktemp("web"))
    try:
        served.start()
        yield served
    finally:
        served.close()


@pytest.fixture
def open_window(browser: Browser, app: App) -> Iterator[OpenWindow]:
    """Opens a window of any look, for one more person."""
    with ExitStack() as stack:
        yield lambda look: stack.enter_context(window(browser, app.origin, look))


@pytest.fixture
def open_own_window(browser: Browser, own_app: App) -> Iterator[OpenWindow]:
    """As `open_window`, on `own_app`."""
    with ExitStack() as stack:
        yield lambda look: stack.enter_context(window(browser, own_app.origin, look))


@pytest.fixture
def phone(open_window: OpenWindow) -> Window:
    """390 x 844, touch, light, English."""
    return open_window(Look("phone"))


@pytest.fixture
def desktop(open_window: OpenWindow) -> Window:
    """1280 x 800, light, English."""
    return open_window(Look("desktop"))
