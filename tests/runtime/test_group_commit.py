"""Threads that have something to do at the same time, and the one that does it for all."""

import gc
import threading
import weakref
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from howmuch.runtime import group_commit
from howmuch.runtime.group_commit import GroupCommit

WAIT_SECONDS = 10.0


class Doing:
    """Doubles numbers, batch by batch, each as soon as it may. A negative number is refused."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self._may = threading.Semaphore(0)

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.begun.release()
        assert self._may.acquire(timeout=WAIT_SECONDS)
        if min(numbers) < 0:
            raise ValueError(f"{min(numbers)} is negative")
        return [2 * number for number in numbers]

    def let(self, batches: int = 1) -> None:
        """So many may be done."""
        self._may.release(batches)


def waiting(group: GroupCommit[int, int], count: int) -> None:
    """Returns when so many wait for their turn."""
    until = threading.Event()
    for _ in range(1_000):
        if len(group._waiting) == count:
            return
        until.wait(0.01)
    raise AssertionError(f"{len(group._waiting)} wait, not {count}")


def submitted(
    threads: ThreadPoolExecutor, group: GroupCommit[int, int], numbers: Sequence[int]
) -> list[Future[int]]:
    """The results to come of numbers that come in this order, while something is being done."""
    results = []
    for place, number in enumerate(numbers, 1):
        results.append(threads.submit(group, number, WAIT_SECONDS))
        waiting(group, place)
    return results


def begun(threads: ThreadPoolExecutor, group: GroupCommit[int, int], doing: Doing) -> Future[int]:
    """The result to come of 1, which is being done."""
    first = threads.submit(group, 1, WAIT_SECONDS)
    assert doing.begun.acquire(timeout=WAIT_SECONDS)
    return first


def test_who_is_alone_waits_for_nobody() -> None:
    """One after the other, each is a batch."""
    doing = Doing()
    group = GroupCommit(doing, 10)
    doing.let(3)
    assert [group(number, WAIT_SECONDS) for number in (1, 2, 3)] == [2, 4, 6]
    assert doing.batches == [[1], [2], [3]]


def test_those_that_come_meanwhile_go_together() -> None:
    """In the order in which they came, each with its own result; more than there may be go after them."""
    doing = Doing()
    group = GroupCommit(doing, 3)
    with ThreadPoolExecutor(8) as threads:
        first = begun(threads, group, doing)
        others = submitted(threads, group, [2, 3, 4, 5, 6])
        doing.let(3)
        assert [each.result(WAIT_SECONDS) for each in (first, *others)] == [2, 4, 6, 8, 10, 12]
    assert doing.batches == [[1], [2, 3, 4], [5, 6]]


def test_batch_waits_for_as_many_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the last of them; where they do not come, it has waited in vain, the next does not."""
    monkeypatch.setattr(group_commit, "PAUSE_SECONDS", WAIT_SECONDS)
    doing = Doing()
    group = GroupCommit(doing, 10)
    with ThreadPoolExecutor(8) as threads:
        results = [begun(threads, group, doing), *submitted(threads, group, [2, 3])]
        doing.let(2)
        assert [each.result(WAIT_SECONDS) for each in results] == [2, 4, 6]
        assert doing.begun.acquire(timeout=WAIT_SECONDS)
        first = threads.submit(group, 4, WAIT_SECONDS)
        assert not doing.begun.acquire(timeout=0.1)
        second = threads.submit(group, 5, WAIT_SECONDS)
        assert doing.begun.acquire(timeout=WAIT_SECONDS / 2)
        doing.let(3)
        assert [first.result(WAIT_SECONDS), second.result(WAIT_SECONDS)] == [8, 10]
        monkeypatch.setattr(group_commit, "PAUSE_SECONDS", 0.01)
        assert [group(number, WAIT_SECONDS) for number in (6, 7)] == [12, 14]
    assert doing.batches == [[1], [2, 3], [4, 5], [6], [7]]


def test_error_is_told_to_all_of_the_batch_and_to_no_other() -> None:
    """Whoever comes after them is served."""
    doing = Doing()
    group = GroupCommit(doing, 10)
    with ThreadPoolExecutor(8) as threads:
        first = begun(threads, group, doing)
        refused = submitted(threads, group, [2, -3, 4])
        doing.let(2)
        assert first.result(WAIT_SECONDS) == 2
        for each in refused:
            with pytest.raises(ValueError, match="-3 is negative"):
                each.result(WAIT_SECONDS)
        doing.let()
        assert group(5, WAIT_SECONDS) == 10


class Refused(Exception):
    """That of a test."""


def test_error_leaves_no_circle_behind() -> None:
    """What refers to itself is freed by the garbage collector alone, with all that the frames hold."""

    def refuse(_numbers: Sequence[int]) -> list[int]:
        raise Refused

    group: GroupCommit[int, int] = GroupCommit(refuse, 10)
    seen: list[weakref.ref[Refused]] = []
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            try:
                group(1, WAIT_SECONDS)
            except Refused as error:
                seen.append(weakref.ref(error))
        assert [each() for each in seen] == [None] * 3
    finally:
        gc.enable()


def test_who_has_no_time_left_is_not_done() -> None:
    """Unless it is being done: then its result is what became of it."""
    doing = Doing()
    group = GroupCommit(doing, 10)
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(group, 1, 0.01)
        assert doing.begun.acquire(timeout=WAIT_SECONDS)
        for seconds in (0.01, -1.0):
            with pytest.raises(TimeoutError):
                group(2, seconds)
        in_time = submitted(threads, group, [3, 4])
        doing.let()
        assert first.result(WAIT_SECONDS) == 2
        assert doing.begun.acquire(timeout=WAIT_SECONDS)
        doing.let()
        assert [each.result(WAIT_SECONDS) for each in in_time] == [6, 8]
    assert doing.batches == [[1], [3, 4]]


def test_nothing_is_lost_among_many_threads() -> None:
    """Each gets its own result, whoever did it."""
    group: GroupCommit[int, int] = GroupCommit(lambda numbers: [n + 1 for n in numbers], 4)
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(lambda n: group(n, WAIT_SECONDS), range(5_000))) == list(
            range(1, 5_001)
        )
