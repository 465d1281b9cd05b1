"""SECURITY.md claims nothing that the code and the tests do not show."""

import re
from pathlib import Path

import pytest

from howmuch.config.redis import RedisSettings
from howmuch.config.settings import AuthSettings, RateLimitSettings
from howmuch.usecases import account_tokens, passwords, validation

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "SECURITY.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_named_test_exists(file: str, test: str) -> None:
    """Each row of the threats names one that shows it."""
    assert f"def {test}(" in (ROOT / file).read_text()


def test_every_threat_names_a_test() -> None:
    """At least one; and no test is named in another way."""
    rows = re.findall(r"^\| [STRIDE] \|.*$", PAGE, re.MULTILINE)
    assert {row[2] for row in rows} == set("STRIDE")
    assert all("::test_" in row for row in rows)
    assert PAGE.count("`tests/") == len(re.findall(r"`tests/[\w/]+\.py::\w+`", PAGE))


def test_numbers_are_those_of_the_code() -> None:
    """Costs of hashes, lengths, times and throttles by default."""
    memory, passes, lanes = passwords._MEMORY_KIB, passwords._PASSES, passwords._LANES
    assert f"{memory:,} KiB, {passes} passes, {lanes} lane" in PAGE
    shortest, longest = validation.PASSWORD_LENGTHS
    assert f"{shortest} to {longest} characters" in PAGE
    assert f"{AuthSettings().session_ttl_days} days by default" in PAGE
    assert f"up to {RedisSettings().session_cache_seconds:g} s" in PAGE
    assert account_tokens.TTLS["VERIFY_EMAIL"].days == 7
    assert account_tokens.TTLS["RESET_PASSWORD"].total_seconds() == 3600
    assert account_tokens.TTLS["CHANGE_EMAIL"].total_seconds() == 24 * 3600
    assert account_tokens.TTLS["UNDO_EMAIL"].days == 7
    limits = RateLimitSettings()
    changes = "Changes of a password, deletions, changes of address"
    for row in (
        f"| Sign-ups | {limits.sign_up_by_peer} | |",
        f"| Log-ins, {changes.lower()} | {limits.log_in_by_peer} | |",
        f"| Failed log-ins, from one network | | {limits.log_in_by_account}; 1 per minute after 100",
        f"| {changes}, by session | | {limits.log_in_by_account} |",
        f"| Password resets asked for, from one network | {limits.reset_by_peer}, with verifications",
        "| Verifications and changes of address asked for, by session"
        f" | {limits.reset_by_peer}, with resets |",
        f"| Uses of mailed links, and looks at invitations | {limits.link_by_peer} | |",
    ):
        assert row in PAGE


def test_links_of_the_page_lead_somewhere() -> None:
    """Within the project."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []
