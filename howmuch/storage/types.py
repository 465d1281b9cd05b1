"""Column types that differ between SQLite and PostgreSQL. Tables and migrations share them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from howmuch.ledger.split import Split, split_from_json, split_to_json


class _SqliteInstant(TypeDecorator[datetime]):
    """Stores UTC without its zone, which SQLite cannot keep, and reads it back as UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# The C collation compares ids byte by byte, as Python does, and its indexes are the fastest.
Id = String(40).with_variant(String(40, collation="C"), "postgresql")
Instant = DateTime(timezone=True).with_variant(_SqliteInstant(), "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# SQLite numbers the rows of a table by itself only if the key is declared INTEGER.
Sequence = BigInteger().with_variant(Integer(), "sqlite")


class SplitJson(TypeDecorator[Split]):
    """A split as JSON."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Json.dialect_impl(dialect))

    def process_bind_param(self, value: Split | None, dialect: Dialect) -> Any:
        return None if value is None else split_to_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Split | None:
        return None if value is None else split_from_json(value)
