"""Calls with their answers, and the rows of tables, as JSON."""

import datetime as dt
from typing import Any

from google.protobuf import message as protobuf
from google.protobuf.json_format import MessageToDict
from sqlalchemy import select

from howmuch.storage.database import Database
from howmuch.storage.tables import metadata
from tests.service.api import Person


def to_text(value: Any) -> Any:
    """A value of a column as JSON. Bytes and instants say their type."""
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, dt.datetime):
        return {"instant": value.isoformat()}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    return {"json": value} if isinstance(value, dict | list) else value


class Calls:
    """Notes calls and their answers."""

    def __init__(self) -> None:
        self.noted: list[dict[str, Any]] = []

    def note(
        self, person: Person, service: str, method: str, request: protobuf.Message, *key: str
    ) -> Any:
        """Calls a method. key: of idempotency; without it, the call reads."""
        metadata = [("idempotency-key", each) for each in key]
        answer = getattr(getattr(person, service), method)(request, metadata=metadata)
        self.noted.append(
            {
                "token": person.token,
                "service": service,
                "method": method,
                "request": {
                    "type": request.DESCRIPTOR.full_name,
                    "hex": request.SerializeToString().hex(),
                },
                "key": key[0] if key else "",
                "answer": MessageToDict(answer, preserving_proto_field_name=True),
            }
        )
        return answer


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables, as JSON."""
    with database.read() as connection:
        return {
            table.name: [
                {name: to_text(value) for name, value in row.items()}
                for row in connection.execute(select(table)).mappings()
            ]
            for table in metadata.sorted_tables
        }
