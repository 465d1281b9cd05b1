"""Prints at the end of a run what tests have counted: requests made of documents, mails of a torment.

A plugin of pytest: in a run with xdist the results come to the process that prints with the reports of the
tests.
"""

import pytest

PROPERTY = "to_be_printed"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    if name == PROPERTY:
                        terminalreporter.write_line(value)
