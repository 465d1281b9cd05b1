"""Counts what became of the transcoding cases, and prints it at the end of a run.

A plugin of pytest: in a run with xdist the results come to the process that prints with the
reports of the tests.
"""

from collections import Counter

import pytest

PROPERTY = "transcoding_case"
COUNTED = ("exact", "expected of contested", "acceptable", "failed", "forbidden")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = Counter(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    )
    if counts:
        parts = ", ".join(f"{counts[category]} {category}" for category in COUNTED)
        terminalreporter.write_line(f"transcoding cases: {counts.total()}: {parts}")
