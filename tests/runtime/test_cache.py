"""A cache that is bounded by its size, and keeps what is asked for."""

import threading

from howmuch.runtime.cache import SizedCache

ROOM = 100_000
SIZE = 1_000


def test_what_was_kept_is_found() -> None:
    recent: SizedCache[str, bytes] = SizedCache(ROOM)
    assert recent.get("a") is None
    recent.keep("a", b"1", SIZE)
    assert recent.get("a") == b"1"
    assert recent.get("b") is None


def test_the_room_is_never_exceeded() -> None:
    """However many come; and most of it is used."""
    recent: SizedCache[int, int] = SizedCache(ROOM)
    for number in range(1_000):
        recent.keep(number, number, SIZE)
        kept = sum(recent.get(each) is not None for each in range(max(0, number - 20), number))
        assert kept == min(number, 20)
    assert 30 * SIZE < SIZE * sum(recent.get(each) is not None for each in range(1_000)) < ROOM


def test_what_is_asked_for_stays() -> None:
    """One that is asked for all the time outlives thousands that are not."""
    recent: SizedCache[int, str] = SizedCache(ROOM)
    recent.keep(-1, "asked for", SIZE)
    for number in range(5_000):
        recent.keep(number, "once", SIZE)
        assert recent.get(-1) == "asked for"
    assert recent.get(0) is None


def test_what_is_too_large_is_not_kept() -> None:
    """It would drive out all the others."""
    recent: SizedCache[str, bytes] = SizedCache(ROOM)
    recent.keep("small", b"1", SIZE)
    recent.keep("large", b"2", ROOM)
    assert recent.get("large") is None
    assert recent.get("small") == b"1"


def test_many_threads() -> None:
    """Nobody is given another's value, and the bound holds."""
    recent: SizedCache[int, int] = SizedCache(ROOM)
    wrong = []

    def work(first: int) -> None:
        for number in range(first, first + 20_000):
            key = number % 300
            found = recent.get(key)
            if found is None:
                recent.keep(key, key * 7, SIZE)
            elif found != key * 7:
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(number * 37,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(recent.get(key) is not None for key in range(300)) * SIZE <= ROOM
