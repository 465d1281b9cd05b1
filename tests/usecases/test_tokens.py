"""Tokens are passed to commands, in links and in headers as they are."""

import re
from collections.abc import Iterator

import pytest

from howmuch.usecases.tokens import new_token


def test_token_is_no_option_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has 43 characters that no URL escapes, and begins with no hyphen."""
    drawn: Iterator[str] = iter(["-" + "a" * 42, "--" + "b" * 41, "c-" + "d" * 41])
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: next(drawn))
    assert re.fullmatch(r"\w[\w-]{42}", new_token(), re.ASCII)
