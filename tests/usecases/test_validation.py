"""Rules of plain fields that no request of the other tests reaches."""

import pytest

from howmuch.errors import InvalidArgument
from howmuch.usecases import validation


@pytest.mark.parametrize(
    ("given", "kept"),
    [(" a ", "a"), ("\n a\t", "a"), ("a  b", "a  b"), ("\u00a0a", "a"), ("\u202ea", "\u202ea")],
)
def test_line_loses_the_spaces_at_its_ends_only(given: str, kept: str) -> None:
    """Spaces inside and marks of direction stay."""
    assert validation.check_line(given, "name", length=10) == kept


def test_line_is_measured_without_the_spaces_at_its_ends() -> None:
    """What is taken off does not count."""
    assert validation.check_line(" " * 50 + "a" * 10, "name", length=10) == "a" * 10
    with pytest.raises(InvalidArgument):
        validation.check_line("a" * 11, "name", length=10)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ANA@Example.COM", "ana@example.com"),
        (" ana@example.com\n", "ana@example.com"),
        ("ana+trip@example.com", "ana+trip@example.com"),
        ("ana@EXÄMPLE.com", "ana@exämple.com"),
        ("ana@e\u0308xample.com", "ana@ëxample.com"),
    ],
)
def test_email_has_one_form(given: str, kept: str) -> None:
    """Case, spaces around it and ways to write an accent make no second account."""
    assert validation.check_email(given, "email") == kept


def test_email_of_all_wrong_characters_has_a_short_error() -> None:
    """The error is sent in headers, so it does not list every character by name."""
    with pytest.raises(InvalidArgument) as caught:
        validation.check_email("".join(map(chr, range(1, 33))) + "@example.com", "email")
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("secret", ["x" * 9, "x" * 300, "hunter2!!"])
def test_secrets_are_not_repeated(secret: str) -> None:
    """An error about a password or a token does not contain it."""
    for check in (validation.check_password, validation.check_token):
        with pytest.raises(InvalidArgument) as caught:
            check(secret, "field")
        assert secret not in caught.value.message


def test_date_bounds_are_part_of_the_range() -> None:
    """The first and the last day are allowed."""
    for date in (validation.FIRST_DATE, validation.LAST_DATE):
        assert validation.parse_date(date.isoformat(), "date") == date
