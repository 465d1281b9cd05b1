"""Many values by one statement: lists to look for, rows to write.

A statement costs more than the rows in it. On PostgreSQL one statement inserts into several tables, with one
JSON parameter per table. Its text is the same for one row and for a thousand, so it is prepared once. SQLite
runs in the process and takes rows one by one.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import (
    CTE,
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    String,
    Table,
    TableValuedAlias,
    Text,
    TypeDecorator,
    bindparam,
    column,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from howmuch.storage.types import Id
from howmuch.storage.written import count_rows, current_written

Rows = Sequence[Mapping[str, Any]]
"""Rows of one table; each has a value for the same columns."""


class _Values(TypeDecorator[Sequence[str]]):
    """A list of texts, as an array or as JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(String()))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> Any:
        if dialect.name == "postgresql" or value is None:
            return value
        return json.dumps(list(value))


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: Any, **options: Any) -> str:
    sought, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{sought} = ANY ({values})"


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    sought, values = (compiler.process(part, **options) for part in element.clauses)
    # Both parts are SQL that the compiler has made: a column and a placeholder.
    return f"{sought} IN (SELECT value FROM json_each({values}))"  # noqa: S608


def among(sought: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the texts in the list parameter `name`."""
    return _Among(sought, bindparam(name, type_=_Values()))


class InsertMany:
    """An insert of any number of rows.

    columns: those with a value in the rows; None means all. adding_to: columns whose values are added to an
    existing row with the same key. given: the rows in the JSON parameter, which have an `event_id` even if
    the table has none.
    """

    def __init__(
        self, table: Table, *, columns: Sequence[str] | None = None, adding_to: Sequence[str] = ()
    ) -> None:
        names = [c.name for c in table.columns] if columns is None else list(columns)
        self.name = table.name
        given = {"event_id": Id} | {name: table.c[name].type for name in names}
        self.given = rows_in_json(self.name, given).render_derived(
            name=f"given_{self.name}", with_types=True
        )
        self._table, self._names, self._adding_to = table, names, adding_to
        columns_of_rows = [table.c[name] for name in names]
        self._texts = [each.name for each in columns_of_rows if isinstance(each.type, String)]
        # Name, quotes, colon and comma of each column, and its value if that has a usual length.
        self._row_bytes = sum(len(each.name) + 4 + _usual_bytes(each) for each in columns_of_rows)
        self.of_rows = _adding(sqlite.insert(table).inline(), table, adding_to)

    def size_of(self, rows: Rows) -> int:
        """About the bytes of the rows as JSON, without the values of their JSON columns."""
        texts = self._texts
        lengths = sum(_text_bytes(row[name]) for row in rows for name in texts)
        return lengths + len(rows) * self._row_bytes

    def of_json(self, event_ids: CTE | None = None) -> Any:
        """The insert of the rows in the JSON parameter. event_ids: a table whose `id` limits the events."""
        rows = select(*(self.given.c[name] for name in self._names))
        if event_ids is not None:
            rows = rows.join_from(self.given, event_ids, self.given.c.event_id == event_ids.c.id)
        insert = postgresql.insert(self._table).from_select(self._names, rows)
        return _adding(insert, self._table, self._adding_to)


def insert_together(connection: Connection, writes: Mapping[InsertMany, Rows]) -> None:
    """Writes rows of several tables, all or none. Skips tables without rows.

    PostgreSQL checks foreign keys between the tables at the end; for SQLite, referenced rows come first.
    """
    filled = {insert: rows for insert, rows in writes.items() if rows}
    if connection.dialect.name == "postgresql":
        written = {insert.name: to_json(rows) for insert, rows in filled.items()}
        for name, rows_as_json in written.items():
            count_rows(name, len(rows_as_json))
        parameters = {name: rows_as_json.decode() for name, rows_as_json in written.items()}
        connection.execute(_one_statement(*filled), parameters)
    else:
        for insert, rows in filled.items():
            _insert_rows(connection, insert, rows)


def _insert_rows(connection: Connection, insert: InsertMany, rows: Rows) -> None:
    counted = current_written()
    before = counted.in_json if counted else 0
    connection.execute(insert.of_rows, rows[0] if len(rows) == 1 else rows)
    if counted:
        counted.add(insert.name, insert.size_of(rows) + counted.in_json - before)


def rows_in_json(parameter: str, columns: Mapping[str, TypeEngine[Any]]) -> TableValuedAlias:
    """The rows in a JSON parameter, as a table without a name. columns: name to type."""
    return func.jsonb_to_recordset(
        bindparam(parameter, type_=Text()).cast(postgresql.JSONB)
    ).table_valued(*(column(name, _plain(kind)) for name, kind in columns.items()))


def json_of(value: Any) -> str:
    """A value as JSON, with dates and instants in ISO 8601. Its bytes are counted for quotas."""
    written = to_json(value)
    if counted := current_written():
        counted.in_json += len(written)
    return written.decode()


def hex_of(value: bytes) -> str:
    """Bytes in the form that PostgreSQL reads from JSON."""
    return f"\\x{value.hex()}"


@lru_cache
def _one_statement(*inserts: InsertMany) -> Any:
    """One statement for all inserts: the last, with the others as common table expressions."""
    *others, last = inserts
    return last.of_json().add_cte(
        *(insert.of_json().cte(f"new_{insert.name}") for insert in others)
    )


def _usual_bytes(column: Column[Any]) -> int:
    """Of a value in JSON: the quotes of a text, an instant, or a number. JSON columns are counted apart."""
    if isinstance(column.type, String):
        return 2
    if isinstance(column.type, JSON):
        return 0
    return 29 if isinstance(column.type, DateTime) else 6


def _text_bytes(value: str | None) -> int:
    if value is None:
        return 2
    return len(value) if value.isascii() else len(value.encode())


def _adding(insert: Any, table: Table, names: Sequence[str]) -> Any:
    """The insert; with `names`, their values are added to an existing row with the same key."""
    if not names:
        return insert
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: table.c[name] + insert.excluded[name] for name in names},
    )


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type of a column, without length and collation."""
    return Text() if isinstance(kind, String) else kind
