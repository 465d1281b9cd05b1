"""Prints at the end of a run how many requests were made of documents, and what was answered.

A plugin of pytest: in a run with xdist the results come to the process that prints with the reports of the
tests.
"""

import pytest

PROPERTY = "requests_of_documents"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    if name == PROPERTY:
                        terminalreporter.write_line(value)
