"""Makes a span for each SQL statement of a recorded call.

OpenTelemetry's instrumentation of SQLAlchemy writes the database's error messages into its spans, and those
quote values of columns. It also does its work for calls that are not recorded.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from opentelemetry.trace import SpanKind
from sqlalchemy import Engine, event

from howmuch.telemetry.spans import current_trace_context
from howmuch.telemetry.tracer import Tracer

LONGEST_STATEMENT = 2000
"""Characters of a statement that a span keeps; a statement that inserts into six tables is longer."""

_OPERATION = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)")
_SYSTEMS = {"postgresql": "postgresql", "sqlite": "sqlite"}

_Execute = Callable[[Any, Any, Any, Any], None]


class _Description(NamedTuple):
    name: str
    attributes: dict[str, str]


def trace_statements(engine: Engine, tracer: Tracer) -> None:
    """Traces every statement of this engine, with its text and without its parameters."""
    system = _SYSTEMS.get(engine.dialect.name, "other_sql")

    @lru_cache(maxsize=512)
    def describe(statement: str) -> _Description:
        operation, table = _OPERATION.search(statement), _TABLE.search(statement)
        name = " ".join(found[1] for found in (operation, table) if found) or system
        attributes = {
            "db.system.name": system,
            "db.query.summary": name,
            "db.query.text": statement[:LONGEST_STATEMENT],
        }
        return _Description(name, attributes)

    def traced(execute: _Execute) -> Callable[..., bool]:
        def instead(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
            """Returns whether the statement was run here, as SQLAlchemy requires."""
            parent = current_trace_context().span
            if parent is None:
                return False
            name, attributes = describe(statement)
            span = tracer.begin_within(parent, name, SpanKind.CLIENT, attributes)
            try:
                execute(cursor, statement, parameters, context)
            except Exception as error:
                span.fail(error)
                raise
            finally:
                span.end()
            return True

        return instead

    # Listeners for cursor events would make SQLAlchemy take a slower path for every statement.
    event.listen(engine, "do_execute", traced(engine.dialect.do_execute))
    event.listen(engine, "do_executemany", traced(engine.dialect.do_executemany))
