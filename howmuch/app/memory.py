"""Keeps the memory of a process small and steady for months."""

import ctypes
import gc
import os

GC_THRESHOLD = 20_000
"""New objects between two collections of the youngest generation. Python's default is 700."""

ARENAS = 2
"""By default glibc opens an arena for nearly every thread, up to eight per core. Threads cannot use free
memory of another arena, so all arenas grow for hours."""
_M_ARENA_MAX = -8
"""From glibc's malloc.h."""


def limit_arenas() -> None:
    """Makes threads share arenas. Call it before they start. MALLOC_ARENA_MAX in the environment wins."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # Other libraries have no arenas.
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, ARENAS)


def settle_garbage() -> None:
    """Excludes the present objects from garbage collection, and makes it rare. Call it once all parts run.

    A list of a hundred messages makes thousands of objects at once. At the default threshold the collector
    would search them several times for cycles that they do not have.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
