"""Group commit: one thread does the work of several that arrive at the same time, as one batch."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

PAUSE_SECONDS = 0.002
"""How long a batch waits to become as large as the last one, like PostgreSQL's commit_delay."""


class _Waiting(Generic[T, R]):
    """One item and its result. woken: released when the result is there, when its thread becomes the leader,
    and when its batch is large enough.
    """

    __slots__ = ("error", "item", "leads", "result", "woken")

    def __init__(self, item: T) -> None:
        self.item = item
        self.leads = False
        self.result: R | None = None
        self.error: BaseException | None = None
        self.woken = threading.Lock()
        self.woken.acquire()


class GroupCommit(Generic[T, R]):
    """Items that arrive while a batch is being done wait, and are the next batch.

    do: returns one result per item; an exception is raised for all of its items. most: items in a batch. A
    thread that is alone does not wait.
    """

    def __init__(self, do: Callable[[Sequence[T]], Sequence[R]], most: int) -> None:
        self._do = do
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Waiting[T, R]] = []
        self._led = False
        self._last_size = 1
        self._gathering: _Waiting[T, R] | None = None

    def __call__(self, item: T, seconds: float) -> R:
        """The result for this item. TimeoutError if its turn does not come within this time."""
        mine: _Waiting[T, R] = _Waiting(item)
        with self._lock:
            if self._led:
                self._waiting.append(mine)
                if self._gathering is not None and self._are_enough():
                    self._gathering.woken.release()
                    self._gathering = None
            else:
                self._led = mine.leads = True
        if not mine.leads and not mine.woken.acquire(timeout=max(seconds, 0.0)):
            with self._lock:
                if mine in self._waiting:
                    self._waiting.remove(mine)
                    raise TimeoutError
            mine.woken.acquire()  # It is being done.
        if mine.leads:
            self._lead(mine)
        if mine.error is not None:
            try:
                raise mine.error
            finally:
                mine.error = None  # It refers to this frame, which must not refer to it for ever.
        return mine.result  # type: ignore[return-value]  # There is one where there is no error.

    def _lead(self, mine: _Waiting[T, R]) -> None:
        """Does an item with those that wait, then makes the first of the later ones the leader."""
        with self._lock:
            gathers = not self._are_enough()
            if gathers:
                self._gathering = mine
        if gathers:
            mine.woken.acquire(timeout=PAUSE_SECONDS)
        with self._lock:
            self._gathering = None
            batch = [mine, *self._waiting[: self._most - 1]]
            del self._waiting[: self._most - 1]
            self._last_size = len(batch)
        try:
            results = self._do([each.item for each in batch])
            for each, result in zip(batch, results, strict=True):
                each.result = result
        except BaseException as error:  # noqa: BLE001 - all raise it: none must wait for ever
            for each in batch:
                each.error = error
        with self._lock:
            heir = self._waiting.pop(0) if self._waiting else None
            self._led = heir is not None
        for each in batch[1:]:
            each.woken.release()
        if heir is not None:
            heir.leads = True
            heir.woken.release()

    def _are_enough(self) -> bool:
        """Whether the batch is as large as the last one, since callers tend to come back."""
        return len(self._waiting) + 1 >= self._last_size
