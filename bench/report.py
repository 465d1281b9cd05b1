"""Numbers for people: medians, percentiles, and how far the rounds lie apart."""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """The median, and in brackets the smallest and the largest round."""
    middle, low, high = (form.format(value) for value in (median(values), min(values), max(values)))
    return f"{middle} [{low}-{high}]"


def goal(holds: bool) -> str:
    """What is written behind a number that has a goal."""
    return "reached" if holds else "MISSED"


def timed_ms(work: Callable[[], object], runs: int) -> list[float]:
    """Milliseconds of each run, after one that fills caches."""
    work()
    times = []
    for _ in range(runs):
        started = perf_counter()
        work()
        times.append((perf_counter() - started) * 1000)
    return times
