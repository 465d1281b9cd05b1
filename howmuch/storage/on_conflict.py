"""Inserts with ON CONFLICT, which SQLAlchemy has for each database apart."""

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_of(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that supports ON CONFLICT."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
