"""Fixtures of the storage tests."""

import pytest

from howmuch.storage.database import Database
from tests.storage.actions import insert_event


@pytest.fixture
def event_id(database: Database) -> str:
    """An event of the test's own, at revision 1."""
    return insert_event(database)
