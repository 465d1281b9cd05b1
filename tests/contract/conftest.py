"""Prints the numbers of requests also where only these tests run."""

import pytest

from tests.contract import summary


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.has_plugin(summary.__name__):
        config.pluginmanager.register(summary, summary.__name__)
