"""Leases of mails go by the clock of the database, whatever the clocks of the workers say."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, update

from howmuch.mail.delivery import sender as sending
from howmuch.mail.delivery.mailers import DirectoryMailer
from howmuch.mail.delivery.sender import MailSender
from howmuch.messaging.broker import RetryLater
from howmuch.storage.database import Database
from howmuch.storage.tables import deliveries
from howmuch.telemetry.origin import NOWHERE
from tests.mail_delivery.conftest import SENDER
from tests.storage.rows import insert_world


def clock_that_is_wrong_by(off: dt.timedelta) -> type[dt.datetime]:
    class Wrong(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return dt.datetime.now(tz) + off

    return Wrong


@pytest.mark.parametrize("hours", [-1, 1])
def test_claim_by_a_worker_whose_clock_is_wrong(
    own_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hours: int,
) -> None:
    """A claim of another worker holds until it ends, and no longer; its own holds as long as it should."""
    own = MailSender(own_database, DirectoryMailer(tmp_path), SENDER)
    wrong = clock_that_is_wrong_by(dt.timedelta(hours=hours))
    clock = SimpleNamespace(datetime=wrong, timedelta=dt.timedelta, UTC=dt.UTC)
    monkeypatch.setattr(sending, "dt", clock)
    right = dt.datetime.now(dt.UTC)
    with own_database.begin() as connection:
        insert_world(connection)
        [mail] = connection.execute(select(deliveries.c.id)).scalars()

    def leased(seconds: float) -> None:
        lease = right + dt.timedelta(seconds=seconds)
        values = {"kind": "PASSWORD_CHANGED", "state": "QUEUED", "lease_time": lease}
        with own_database.begin() as connection:
            connection.execute(update(deliveries).values(values))

    leased(120.0)
    [result] = own.send({mail: NOWHERE})
    assert isinstance(result, RetryLater)
    leased(-1.0)
    [result] = own.send({mail: NOWHERE})
    assert not isinstance(result, RetryLater)
