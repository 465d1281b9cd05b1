"""What keeps the memory of a process that lives for months as small and as steady as it is after an hour."""

import ctypes
import gc
import os

GC_THRESHOLD = 20_000
"""New objects between two collections of the youngest; Python's own value is 700."""

ARENAS = 2
"""By itself glibc opens one for nearly every thread, up to eight a core. What is free in one is of no use to
threads of another, so that all of them grow for hours."""
_M_ARENA_MAX = -8
"""Of glibc's malloc.h."""


def limit_arenas() -> None:
    """Before threads start: has them share arenas. MALLOC_ARENA_MAX in the environment comes first."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # Other libraries have no arenas.
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt(_M_ARENA_MAX, ARENAS)


def settle_garbage() -> None:
    """Once everything is there that lives as long as the process: the garbage collector may pass it over.

    A list of a hundred messages makes thousands of objects at once, and at the usual threshold the
    collector would look through them several times for cycles that they do not have.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 20, 50)
