"""One number of the web app that must not get worse than it may be."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from tests.web.app import App


@dataclass(frozen=True)
class Bar:
    """value: as measured. limit: how large it may be, or with at_least how small."""

    name: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        word = "at least" if self.at_least else "at most"
        verdict = "reached" if self.holds else "MISSED"
        value = f"{self.value:.4g} {self.unit}".rstrip()
        return f"{self.name}: {value} ({word} {self.limit:g}): {verdict}"


@dataclass(frozen=True)
class Stage:
    """What bars are measured on. reports: where a part writes what belongs to its numbers."""

    app: App
    browser: Browser
    reports: Path


Measure = Callable[[Stage], Sequence[Bar]]
