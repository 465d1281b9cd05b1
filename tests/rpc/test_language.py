"""The language that a client prefers."""

import pytest

from howmuch.rpc.language import preferred_locale


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", ""),
        ("fr", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", "fr-CH"),
        ("en;q=0.5, fr;q=0.7", "fr"),
        ("de, fr;q=0.3", "fr"),
        ("pt-BR", "pt-BR"),
        ("*", ""),
        ("fr;q=0", ""),
        ("fr;q=1e400, en", "en"),
        ("fr;q=.8.8, ;;;, " + "x" * 5000, ""),
        ("fr;q=٣, en;q=0.1", "en"),
        ("../../etc, en", "en"),
    ],
)
def test_preferred_locale(header: str, locale: str) -> None:
    """The first by weight that mails have words for, or else the first; malformed parts are passed over."""
    assert preferred_locale(header) == locale
