"""Counts in a moving window, and those of other processes."""

import pytest

from howmuch.rpc.usage_counts import Rule, SharedCount, UsageCounts, WindowKey

MINUTE = Rule("writes_per_minute", 10, 60)
START = 600_000.0  # The beginning of a minute.


@pytest.fixture
def counts() -> UsageCounts:
    return UsageCounts()


def test_counts_leave_the_window_bit_by_bit(counts: UsageCounts) -> None:
    """Of the previous minute, the part counts that the last sixty seconds still cover."""
    counts.add(MINUTE, "ana", 10, START + 30)
    used = [counts.used(MINUTE, "ana", START + at) for at in (30, 59, 60, 90, 119, 120, 1_000)]
    assert used == [10, 10, 10, 5, 0, 0, 0]
    assert counts.used(MINUTE, "bo", START) == 0


@pytest.mark.parametrize("previous", [0, 4, 10])
@pytest.mark.parametrize("current", [0, 6, 10, 25])
@pytest.mark.parametrize("wanted", [1, 5, 10])
def test_more_fits_at_the_time_that_is_told_and_not_before(
    counts: UsageCounts, previous: int, current: int, wanted: int
) -> None:
    """Whatever was counted in this minute and in the one before it."""
    counts.add(MINUTE, "ana", previous, START)
    counts.add(MINUTE, "ana", current, START + 70)
    now = START + 80
    free_at = counts.free_at(MINUTE, "ana", wanted, now)
    assert counts.used(MINUTE, "ana", free_at + 0.01) + wanted <= MINUTE.limit
    if free_at > now:
        fresh = UsageCounts()
        fresh.add(MINUTE, "ana", previous, START)
        fresh.add(MINUTE, "ana", current, START + 70)
        # Counts are whole numbers: one of them leaves in up to 60 s.
        assert fresh.used(MINUTE, "ana", now) + wanted > MINUTE.limit


def test_counts_of_other_processes_are_added(counts: UsageCounts) -> None:
    """Those that came in while the others were asked still count."""
    counts.add(MINUTE, "ana", 3, START)
    pending = counts.take_pending()
    key = WindowKey("writes_per_minute", "ana", 60, int(START // 60))
    assert pending == {key: 3}
    counts.add(MINUTE, "ana", 1, START + 1)
    counts.merge({key: SharedCount(current=7, previous=4)})
    assert counts.used(MINUTE, "ana", START) == 7 + 1 + 4
    assert counts.take_pending() == {key: 1}


def test_counts_that_could_not_be_told_are_told_later(counts: UsageCounts) -> None:
    """None is lost and none is told twice."""
    counts.add(MINUTE, "ana", 3, START)
    pending = counts.take_pending()
    counts.add(MINUTE, "ana", 2, START)
    counts.give_back(pending)
    assert sum(counts.take_pending().values()) == 5
    assert counts.take_pending() == {}


def test_windows_in_memory_are_bounded() -> None:
    """The oldest user's goes first."""
    counts = UsageCounts(most=2)
    for user in ("ana", "bo", "cy"):
        counts.add(MINUTE, user, 1, START)
    assert [counts.used(MINUTE, user, START) for user in ("ana", "bo", "cy")] == [0, 1, 1]
