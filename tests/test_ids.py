"""Identifiers."""

import pytest

from howmuch import ids
from howmuch.errors import InvalidArgument

PREFIXES = (ids.USER, ids.SESSION, ids.EVENT, ids.MEMBER, ids.INVITATION, ids.EXPENSE)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_new_id_has_the_shape_that_is_checked(prefix: str) -> None:
    """Whatever is made is accepted, for its own kind only."""
    made = ids.new_id(prefix)
    assert ids.check_id(prefix, made, "id") == made
    for other in set(PREFIXES) - {prefix}:
        with pytest.raises(InvalidArgument):
            ids.check_id(other, made, "id")


def test_new_ids_sort_by_creation() -> None:
    """Each is larger than the last, also within a millisecond."""
    made = [ids.new_id(ids.EXPENSE) for _ in range(2_000)]
    assert made == sorted(set(made))


@pytest.mark.parametrize(
    "value", ["evt_8" + "0" * 25, "evt_" + "l" * 26, "evt_0" + "A" * 25, "evt_" + "0" * 26 + "\n"]
)
def test_id_that_the_format_cannot_hold_is_refused(value: str) -> None:
    """More than 128 bits, letters that are left out, capitals, a line break at the end."""
    with pytest.raises(InvalidArgument):
        ids.check_id(ids.EVENT, value, "id")
