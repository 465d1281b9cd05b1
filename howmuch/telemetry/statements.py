"""A span for each SQL statement, where the call that runs it is recorded.

OpenTelemetry's instrumentation of SQLAlchemy writes the database's error messages into its spans, and those
quote the values of columns; it also works for statements of calls that nobody records.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from opentelemetry.trace import SpanKind
from sqlalchemy import Engine, event

from howmuch.telemetry.spans import current_trace_context
from howmuch.telemetry.tracer import Tracer

LONGEST_STATEMENT = 2000
"""Characters of a statement that a span has; what inserts into six tables at once has more."""

_OPERATION = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b")
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+([a-z_]+)")
_SYSTEMS = {"postgresql": "postgresql", "sqlite": "sqlite"}

_Execute = Callable[[Any, Any, Any, Any], None]


def trace_statements(engine: Engine, tracer: Tracer) -> None:
    """Every statement of this engine, with its text and without its parameters."""
    system = _SYSTEMS.get(engine.dialect.name, "other_sql")

    @lru_cache(maxsize=512)
    def described(statement: str) -> tuple[str, dict[str, str]]:
        operation, table = _OPERATION.search(statement), _TABLE.search(statement)
        name = " ".join(found[1] for found in (operation, table) if found) or system
        return name, {
            "db.system.name": system,
            "db.query.summary": name,
            "db.query.text": statement[:LONGEST_STATEMENT],
        }

    def traced(execute: _Execute) -> Callable[..., bool]:
        def instead(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
            """Whether the statement was run here, as SQLAlchemy asks."""
            parent = current_trace_context().span
            if parent is None:
                return False
            name, attributes = described(statement)
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

    # Events of the cursor would make SQLAlchemy take its slower way for every statement.
    event.listen(engine, "do_execute", traced(engine.dialect.do_execute))
    event.listen(engine, "do_executemany", traced(engine.dialect.do_executemany))
