"""What Lighthouse says: a phone of the middle class on a slow network, which it simulates."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import click
import httpx

from tests.ports import free_port
from tests.waiting import until
from tests.web.bars.bar import Bar, Stage
from tests.web.chromium import ARGUMENTS, program
from tests.web.node_packages import file_of
from tests.web.people import Person

EXPENSES = 1000
RUNS = 3
"""The performance is the median of so many runs; one alone is a matter of luck."""
PERFORMANCE = "performance"
LIMITS = {PERFORMANCE: 95, "accessibility": 100, "best-practices": 100, "seo": 100}
RUN_SECONDS = 300


def measure(stage: Stage) -> Sequence[Bar]:
    """The first page, signed out, and an event of 1,000 expenses."""
    ana = stage.app.person("Ana")
    trip = ana.trip(expenses=EXPENSES)
    pages: list[tuple[str, str, Person | None]] = [
        ("signed out", "/", None),
        (f"event of {EXPENSES:,} expenses", trip.path, ana),
    ]
    return [bar for page in pages for bar in _bars(stage, *page)]


def _bars(stage: Stage, name: str, path: str, person: Person | None) -> Iterator[Bar]:
    report = stage.reports / f"lighthouse-{name.replace(' ', '-').replace(',', '')}.json"
    runs = [_scores(stage, path, person, report) for _ in range(RUNS)]
    for category, limit in LIMITS.items():
        scores = [scores[category] for scores in runs]
        score = median(scores) if category == PERFORMANCE else min(scores)
        yield Bar(f"Lighthouse {category}, {name}", score, limit, at_least=True)


def _scores(stage: Stage, path: str, person: Person | None, report: Path) -> dict[str, float]:
    """One run, in a new profile. What costs points is printed; report: where all of it goes."""
    headers = {} if person is None else {"Cookie": _cookie(stage, person)}
    with debugged_chromium() as port:
        subprocess.run(
            [
                *("node", file_of("lighthouse/cli/index.js"), f"{stage.app.origin}{path}"),
                *(f"--port={port}", "--quiet", "--output=json", f"--output-path={report}"),
                f"--only-categories={','.join(LIMITS)}",
                f"--extra-headers={json.dumps(headers)}",
            ],
            check=True,
            timeout=RUN_SECONDS,
        )
    result = json.loads(report.read_text())
    for line in _losses(result):
        click.echo(f"  {line}")
    return {name: 100 * found["score"] for name, found in result["categories"].items()}


@contextmanager
def debugged_chromium() -> Iterator[int]:
    """Chromium that Lighthouse alone drives, in a new profile; its port."""
    port = free_port()
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = (f"--remote-debugging-port={port}", f"--user-data-dir={profile}")
        process = subprocess.Popen(
            [program(), "--headless=new", "--no-first-run", *ARGUMENTS, *options, "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            until(lambda: _answers(port), "Chromium")
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/json/version").is_success
    except httpx.TransportError:
        return False


def _cookie(stage: Stage, person: Person) -> str:
    """Of a new session, as a header."""
    account = {"email": person.email, "password": person.password, "cookie": True}
    headers = {"sec-fetch-site": "same-origin"}
    answer = httpx.post(f"{stage.app.origin}/v1/sessions", json=account, headers=headers)
    answer.raise_for_status()
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())


def _losses(result: dict[str, Any]) -> Iterator[str]:
    """Audits that cost points, with what Lighthouse measured."""
    for category in result["categories"].values():
        for reference in category["auditRefs"]:
            audit = result["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 1:
                shown = audit.get("displayValue", "")
                yield f"{category['title']}: {audit['title']}: {audit['score']:.2f} {shown}"
                yield from _details(audit)


def _details(audit: dict[str, Any]) -> Iterator[str]:
    """What it is about: messages of the console, or elements."""
    for item in audit.get("details", {}).get("items", []):
        if said := item.get("description") or item.get("node", {}).get("snippet"):
            yield f"  {said} {item.get('sourceLocation', {}).get('url', '')}".rstrip()
