"""Addresses that are verified without their mails, for tests of something else."""

import datetime as dt

from sqlalchemy import update

from howmuch.storage.tables import users
from tests.databases import closing_database


def verify_addresses(database_url: str) -> None:
    """Verifies the address of every account that a program has made by now."""
    with closing_database(database_url) as database, database.begin() as connection:
        connection.execute(update(users).values(email_verify_time=dt.datetime.now(dt.UTC)))
