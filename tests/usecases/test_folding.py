"""Folding: what a search takes for the same text."""

import pytest

from howmuch.usecases.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Dinner 48.60", "dinner 48.60"),
        ("Güell", "guell"),
        ("Gu\u0308ell", "guell"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("İstanbul", "istanbul"),
        ("ısparta", "isparta"),
        ("Łódź København", "lodz kobenhavn"),
        ("ﬁn ＡＢ Ǆ", "fin ab dz"),
        ("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ"),
        ("Ёлка", "елка"),
        ("שָׁלוֹם", "שלום"),
        ("がか 한국", "がか 한국"),
        ("हिन्दी", "हिन्दी"),
        ("👩‍👧", "👩‍👧"),
    ],
)
def test_text_is_folded(text: str, folded: str) -> None:
    """Small letters, without accents, in one normal form; folded again it stays."""
    assert fold(text) == folded
    assert fold(folded) == folded
