"""docs/retention.md says of every table how long its rows are kept, with the periods of the program."""

import re
from pathlib import Path

from howmuch.config.mail import MailSettings
from howmuch.messaging.amqp import DEAD_LETTERS_KEPT_DAYS
from howmuch.storage.tables import metadata
from howmuch.usecases import events, idempotency, invitations, purge

PAGE = (Path(__file__).parents[2] / "docs/retention.md").read_text()
ROWS = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE))


def test_page_has_every_table_once() -> None:
    """And no other."""
    assert sorted(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == sorted(metadata.tables)


def test_periods_are_those_of_the_program() -> None:
    """The numbers of the page change with the constants."""
    assert f"{idempotency.KEPT.days} days" in ROWS["idempotency_keys"]
    assert f"{events.KEPT_AFTER_DELETE.days} days" in ROWS["events"]
    assert f"{invitations.LONGEST_TTL.days} days" in ROWS["invitations"]
    assert f"{purge.MAILS_KEPT.days} days" in ROWS["deliveries"]
    assert f"{purge.DEAD_LETTERS_KEPT.days} days" in ROWS["dead_letters"]
    assert purge.DEAD_LETTERS_KEPT.days == DEAD_LETTERS_KEPT_DAYS
    assert f"`mail.directory_kept_days` ({MailSettings().directory_kept_days})" in PAGE
