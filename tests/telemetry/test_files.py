"""Dashboard and alert rules: every expression parses, and names only what a running howmuch exports."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.telemetry.program import metric, new_event, scraped, sign_up, spend
from tests.telemetry.test_metrics import measured
from tests.waiting import until

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "observability" / "alerts.yaml"
DASHBOARD = ROOT / "observability" / "grafana-dashboard.json"
OF_PROMETHEUS = {"up"}
"""Made by Prometheus itself."""
SUFFIXES = {
    "counter": ["_total"],
    "histogram": ["_bucket", "_sum", "_count"],
    "gauge": [""],
}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    every: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return [panel for panel in every if panel["type"] != "row"]


def expressions() -> list[str]:
    """All of both files, with Grafana's variables filled in."""
    of_panels = [target["expr"] for panel in panels() for target in panel["targets"]]
    filled = [
        each.replace("$__rate_interval", "5m").replace("$instance", ".*") for each in of_panels
    ]
    return [*filled, *(rule["expr"] for rule in rules())]


def selectors(expression: Any) -> Iterator[tuple[str, list[str]]]:
    """Names of series, with the labels that they are selected by."""
    if isinstance(expression, promql_parser.VectorSelector):
        assert expression.name is not None
        yield expression.name, [each.name for each in expression.matchers.matchers]
    for name in ("expr", "lhs", "rhs", "vector_selector", "param"):
        inner = getattr(expression, name, None)
        if isinstance(inner, promql_parser.Expr) or hasattr(inner, "prettify"):
            yield from selectors(inner)
    for inner in getattr(expression, "args", None) or ():
        yield from selectors(inner)


def used() -> list[tuple[str, list[str]]]:
    return [found for each in expressions() for found in selectors(promql_parser.parse(each))]


def exported(text: str) -> dict[str, set[str]]:
    """Names of series to the labels that they have; of families without a series yet, none."""
    found: dict[str, set[str]] = {}
    for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE):
        base = name.removesuffix("_total")
        for suffix in SUFFIXES.get(kind, [""]):
            found.setdefault(base + suffix, set())
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


@pytest.fixture(scope="module", params=["1", pytest.param("2", marks=pytest.mark.slow)])
def running_exports(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, set[str]]:
    """What one process, or several, say after somebody has used them."""
    directory = tmp_path_factory.mktemp("howmuch")
    with measured(directory, "--workers", str(request.param)) as (server, address):
        with closing(sign_up(server.rest, "ana")) as ana:
            spend(ana, new_event(ana), "Dinner").raise_for_status()
        until(lambda: metric(address)("howmuch_mails_total", result="sent") == 1)
        return exported(scraped(address))


@pytest.mark.slow
def test_every_expression_names_what_is_exported(running_exports: dict[str, set[str]]) -> None:
    """A metric that is renamed, or a label that is none, would leave a panel empty and an alert silent."""
    written = re.findall(
        r"\b(?:howmuch|grpc|process)_\w*[a-z]\b(?=[{[)/ ]|$)", " ".join(expressions())
    )
    labels_of_grpc = {"grpc_service", "grpc_method", "grpc_code"}
    assert len(used()) == len([name for name in written if name not in labels_of_grpc]) + 1
    added_by_prometheus = {"job", "instance"}
    for name, labels in used():
        if name in OF_PROMETHEUS:
            continue
        assert name in running_exports
        assert set(labels) - added_by_prometheus <= running_exports[name], (name, labels)


@pytest.mark.slow
def test_every_metric_of_ours_is_on_the_dashboard(running_exports: dict[str, set[str]]) -> None:
    """What nobody can see need not be counted."""
    shown = {name for name, _ in used()}
    ours = {name for name in running_exports if name.startswith(("howmuch_", "grpc_"))}
    parts = ("_bucket", "_sum", "_count")
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
    missing = {name for name in ours - shown if not name.endswith(parts)} - families
    assert missing == set()


def test_rules_are_those_of_prometheus() -> None:
    """Prometheus's own promtool accepts them, where it is installed."""
    if shutil.which("promtool") is None:
        # The expressions and the form are checked below all the same.
        return
    done = subprocess.run(
        ["promtool", "check", "rules", ALERTS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_says_what_to_do() -> None:
    """Severity, summary, and a heading of the documentation."""
    text = (ROOT / "docs" / "observability.md").read_text()
    headings = {each.lower() for each in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"]["summary"]
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/observability.md"
        assert anchor in headings
        assert anchor == rule["alert"].lower()
    assert headings == {rule["alert"].lower() for rule in rules()}


def test_the_dashboard_can_be_imported() -> None:
    """Ids are different, panels do not overlap, and all ask the data source that is chosen."""
    every = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    taken: set[tuple[int, int]] = set()
    for panel in every:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells
    for panel in panels():
        assert panel["datasource"]["uid"] == "${datasource}"
        assert panel["title"]
        assert panel["description"]


def test_the_documentation_names_every_metric() -> None:
    """The table has each of ours, and no other."""
    text = (ROOT / "docs" / "observability.md").read_text()
    table = text.partition("## Metrics")[2].partition("## Traces")[0]
    named = set()
    for row in re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE):
        first = ""
        for name in re.findall(r"`(\w+)`", row):
            # `_misses_total` behind `..._hits_total` is short for the same name with another end.
            if name.startswith("_"):
                stem = first.removesuffix("_total").rpartition("_")[0]
                name = stem + name
            else:
                first = name
            named.add(name)
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name, _ in used()}
    assert {name for name in shown if name.startswith(("howmuch_", "grpc_"))} == named
