"""The summary of a campaign, for people."""

from collections import Counter
from collections.abc import Sequence

from tests.chaos.campaign import Campaign
from tests.chaos.checks.access import reads_after_log_out
from tests.chaos.checks.notices import repeated_mails
from tests.chaos.evidence import Evidence, Violation
from tests.chaos.journal import Outcome

MOST_VIOLATIONS = 20
"""How many the summary shows; the file has all."""


def summary(campaign: Campaign, evidence: Evidence, violations: Sequence[Violation]) -> str:
    """Tables of calls and faults, and the violations."""
    lines = [*_calls(evidence), "", *_faults(campaign.faults), "", *_rest(campaign, evidence), ""]
    by_rule = Counter(violation.rule.value for violation in violations)
    lines += [f"violations: {len(violations)}"]
    lines += [f"  {rule}: {count}" for rule, count in by_rule.most_common()]
    lines += [f"- {violation}" for violation in violations[:MOST_VIOLATIONS]]
    return "\n".join(lines)


def _calls(evidence: Evidence) -> list[str]:
    counts = Counter((call.method, call.outcome) for call in evidence.calls)
    lines = [f"{'method':24}{'acknowledged':>14}{'refused':>10}{'unknown':>10}"]
    for method in sorted({call.method for call in evidence.calls}):
        acknowledged, refused, unknown = (counts[method, outcome] for outcome in Outcome)
        lines.append(f"{method:24}{acknowledged:>14}{refused:>10}{unknown:>10}")
    reasons = Counter(call.reason or call.code for call in evidence.calls if call.code)
    lines.append(", ".join(f"{reason} {count}" for reason, count in reasons.most_common()))
    return lines


def _faults(faults: Counter[str]) -> list[str]:
    lines = [f"{'fault':34}{'times':>6}"]
    return lines + [f"{name:34}{count:>6}" for name, count in sorted(faults.items())]


def _rest(campaign: Campaign, evidence: Evidence) -> list[str]:
    errors = sum(program.errors() for program in campaign.world.programs)
    return [
        f"changes: {len(evidence.changes())} in {len(evidence.history)} events",
        f"watchers: {len(evidence.watches)}, which saw"
        f" {sum(len(watch.seen) for watch in evidence.watches)} changes over"
        f" {sum(watcher.streams for watcher in campaign.watchers)} streams",
        f"notices: {len(evidence.notices)} in {len(evidence.mails)} mails;"
        f" mails that came again: {repeated_mails(evidence)}, of at most {evidence.repeats_allowed}",
        f"reads that were answered after the session had ended: {reads_after_log_out(evidence)}",
        f"tracebacks in the logs: {errors}",
    ]
