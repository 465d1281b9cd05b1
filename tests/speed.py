"""`pytest --speed=off` builds every server without what exists only for speed (docs/speed.md).

`make test-plain` runs the suites of the service and of REST so. Tests about such a part itself are marked
`fast_path`, and left out.
"""

from typing import TypedDict

import pytest

from howmuch.config.speed import SpeedSettings

OFF = SpeedSettings(fast_add=False, caches=False, in_process=False, rare_gc=False)
_settings = SpeedSettings()


def settings() -> SpeedSettings:
    """The switches of this run."""
    return _settings


class ServerSwitches(TypedDict):
    """Those that ServerOptions has."""

    fast_add: bool
    caches: bool


def server_options() -> ServerSwitches:
    """The switches of this run, as ServerOptions has them."""
    return {"fast_add": _settings.fast_add, "caches": _settings.caches}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--speed", choices=("on", "off"), default="on", help="off: without what is only for speed"
    )


def pytest_configure(config: pytest.Config) -> None:
    global _settings
    config.addinivalue_line(
        "markers", "fast_path: about a part that exists only for speed; left out by --speed=off"
    )
    _settings = OFF if config.getoption("--speed") == "off" else SpeedSettings()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if _settings is not OFF:
        return
    left_out = [item for item in items if item.get_closest_marker("fast_path")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]
