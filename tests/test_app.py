"""The parts that the composition root adds itself."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from howmuch.app import make_data_dir, parts
from howmuch.app.parts import HourlyPurge, OpenDatabase
from howmuch.config.settings import DatabaseSettings, Settings
from howmuch.usecases import purge as purging
from tests.cli.program import WAIT_SECONDS


def test_hourly_purge_continues_after_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A purge that fails is tried again at the next turn, and the stop ends the thread."""
    calls: list[datetime] = []
    second = threading.Event()

    def fail_once(connection: object, now: datetime, kept: timedelta) -> dict[str, int]:
        assert kept == timedelta(days=7)
        calls.append(now)
        if len(calls) == 1:
            raise OSError("no luck")
        second.set()
        return {"sessions": 1}

    monkeypatch.setattr(purging, "purge", fail_once)
    monkeypatch.setattr(parts, "FIRST_PURGE_SECONDS", 0.0)
    monkeypatch.setattr(parts, "PURGE_INTERVAL_SECONDS", 0.0)
    url = SecretStr(f"sqlite:///{tmp_path}/a.db")
    settings = Settings(database=DatabaseSettings(url=url))
    opened = OpenDatabase(settings)
    opened.start()
    part = HourlyPurge(opened, settings)
    part.start()
    try:
        assert second.wait(WAIT_SECONDS)
    finally:
        part.stop(time.monotonic() + WAIT_SECONDS)
        opened.stop(time.monotonic() + WAIT_SECONDS)
    assert all(now.tzinfo is UTC for now in calls)


def test_data_directory_is_made_for_its_own_database_only(tmp_path: Path) -> None:
    """A database elsewhere needs no data directory."""
    directory = tmp_path / "data"
    make_data_dir("postgresql://db/howmuch", directory)
    make_data_dir(f"sqlite:///{tmp_path}/other.db", directory)
    assert not directory.exists()
    make_data_dir(f"sqlite:///{directory}/howmuch.db", directory)
    assert directory.is_dir()
