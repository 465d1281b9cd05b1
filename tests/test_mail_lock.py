"""One program sends the mails of a SQLite file."""

import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from howmuch.app.parts import OpenDatabase
from howmuch.app.telemetry import OpenTracing
from howmuch.app.worker import MailWorker
from howmuch.config.settings import DatabaseSettings, Settings
from tests.databases import new_sqlite_url


def test_second_mail_worker_of_a_file_does_not_start(tmp_path: Path) -> None:
    """It would send the same mails again; after the first has stopped, it starts."""
    url = SecretStr(new_sqlite_url(tmp_path))
    settings = Settings(database=DatabaseSettings(url=url), data_dir=tmp_path)
    opened = OpenDatabase(settings)
    opened.start()
    first, second = (MailWorker(settings, opened, OpenTracing(settings)) for _ in range(2))
    first.start()
    try:
        with pytest.raises(RuntimeError, match="another program sends the mails"):
            second.start()
    finally:
        first.stop(time.monotonic() + 10)
    second.start()
    second.stop(time.monotonic() + 10)
    opened.stop(0.0)
