"""schemathesis over a served document: every check that this version has, in this process."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.engine import StopReason, events, from_schema
from schemathesis.engine.statistic import Statistic
from schemathesis.schemas import BaseSchema

load_all_checks()

SEED = 20_261_125
REQUEST_SECONDS = 30
ALL_CHECKS = frozenset(CHECKS.get_all_names())
"""The names of the checks of this version. One more asserts how long an answer takes, which no test does: it
would fail on a machine that is busy."""

SERVED = ["2xx", "304"]
"""What a request that is as documented gets, unless a judge knows why not."""

REFUSED = ["400", "401", "403", "404", "405", "409", "412", "413", "414", "415", "431"]
"""What a request that is not as documented gets: an error that blames the client, so none of 5xx."""

SINGLE = ("examples", "coverage", "fuzzing")
"""The phases that send one request at a time: documented examples, all corners of schemas, and chance."""

SEQUENCES = ("stateful",)
"""The phase in which requests take ids from answers to those before."""


@dataclass(frozen=True)
class Target:
    """What is tested.

    document, url: as served. tokens: of people, by name; the first calls, the others try to read what is
    theirs. directory: for a file with the tokens. register: registers hooks. endless: ids of operations
    whose answers do not end.
    """

    document: Mapping[str, Any]
    url: str
    tokens: Mapping[str, str]
    directory: Path
    register: Callable[[BaseSchema], None]
    endless: Collection[str] = ()


@dataclass
class Report:
    """What was sent and what came of it. cases: by phase. answers: by operation id, each by status."""

    cases: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    checks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def served(self) -> set[str]:
        """The operations that answered with success at least once."""
        return {name for name, statuses in self.answers.items() if statuses[200]}

    def fail_with_all(self) -> None:
        """Fails the test where there is a failure, and shows each: the request, the answer, what is wrong."""
        if self.failures:
            pytest.fail(
                "\n\n".join([f"{len(self.failures)} failures", *self.failures]), pytrace=False
            )

    def __str__(self) -> str:
        phases = ", ".join(f"{count} {phase}" for phase, count in self.cases.items())
        statuses = sum(self.answers.values(), Counter[int]())
        answers = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
        return f"{self.cases.total()} requests ({phases}), answers {answers}"

    def add(self, event: events.ScenarioFinished) -> None:
        """Counts what was sent for one operation, or in one sequence."""
        self.cases[event.phase.value] += len(event.recorder.cases)
        for case_id, interaction in event.recorder.interactions.items():
            if interaction.response is not None:
                raw = event.recorder.cases[case_id].value.operation.definition.raw
                answers = self.answers.setdefault(raw["operationId"], Counter())
                answers[interaction.response.status_code] += 1
        for done in event.recorder.checks.values():
            self.checks.update(check.name for check in done)


def run(
    target: Target,
    report: Report,
    phases: Collection[str],
    *,
    examples: int,
    seed: int = SEED,
) -> None:
    """Sends what the document describes, and what it does not, and holds every answer against it.

    examples: requests by chance of each operation, or sequences. report: is added to.
    """
    config = schemathesis.Config.from_dict(_settings(target, phases, examples, seed))
    # Where it is served in truth is another address than here.
    document = {name: value for name, value in target.document.items() if name != "servers"}
    schema: BaseSchema = schemathesis.openapi.from_dict(document, config=config)
    for operation_id in target.endless:
        schema = schema.exclude(operation_id=operation_id)
    target.register(schema)
    statistic = Statistic()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            statistic.on_scenario_finished(event.recorder)
            report.add(event)
        elif isinstance(event, events.NonFatalError):
            report.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.EngineFinished) and event.stop_reason != StopReason.COMPLETED:
            report.failures.append(f"stopped: {event.stop_reason}")
    report.failures += [
        group.format(index=index, curl=group.code_sample, config=config.output)
        for groups in statistic.failures.values()
        for index, group in enumerate(groups.values(), start=1)
    ]


def _settings(target: Target, phases: Collection[str], examples: int, seed: int) -> dict[str, Any]:
    """The configuration, as its file has it."""
    return {
        "seed": seed,
        # They are about time, and making a world for a request takes some.
        "suppress-health-check": ["all"],
        "base-url": target.url,
        # All failures of a run, and not the first alone.
        "continue-on-failure": True,
        "request-timeout": REQUEST_SECONDS,
        # Whoever reads a failure wants the request that made it; no token is worth anything afterwards.
        "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": False}},
        "auth": _people(target),
        # Which modules are there to take literals from depends on what this process has run before.
        "analysis": {"constants": {"enabled": False}},
        "phases": {
            **{phase: {"enabled": phase in phases} for phase in (*SINGLE, *SEQUENCES)},
            # A request that is refused gives the next one of its sequence nothing to go on.
            "stateful": {"enabled": "stateful" in phases, "generation": {"mode": "positive"}},
        },
        "generation": {
            "mode": "all",
            "max-examples": examples,
            "database": "none",
            # The server keeps what it was sent: a smaller request would find another server.
            "no-shrink": True,
        },
        "checks": {
            **{name: {"enabled": True} for name in ALL_CHECKS},
            "positive_data_acceptance": {"expected-statuses": SERVED},
            "negative_data_rejection": {"expected-statuses": REFUSED},
            "missing_required_header": {"expected-statuses": ["400", "401"]},
        },
    }


def _people(target: Target) -> dict[str, Any]:
    """Who calls, in the form in which schemathesis takes several people."""
    if not target.tokens:
        return {}
    path = target.directory / "people.yaml"
    people = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
        for name, token in target.tokens.items()
    ]
    path.write_text(yaml.safe_dump({"auth": people}))
    names = list(target.tokens)
    return {"wfc": {"path": str(path), "user": names[0], "peers": names}}
