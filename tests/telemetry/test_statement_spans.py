"""Spans of statements: what they say, and what stays out."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from opentelemetry.trace import SpanKind
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from howmuch.telemetry.otlp import Tracing
from howmuch.telemetry.spans import TraceContext, enter, leave
from howmuch.telemetry.statements import trace_statements
from tests.databases import closing_database, new_postgres_url
from tests.telemetry.collector import StatusCode, collecting


@contextmanager
def within(context: TraceContext) -> Iterator[None]:
    token = enter(context)
    try:
        yield
    finally:
        leave(token)
        assert context.span is not None
        context.span.end()


def test_an_error_of_a_statement_is_named_and_not_quoted(
    postgres_server_url: str, tmp_path: Path
) -> None:
    """PostgreSQL's text has the values of the row: the span has the kind of the error alone."""
    with new_postgres_url(postgres_server_url) as url, collecting() as collector:
        tracing = Tracing(
            collector.endpoint, sample_ratio=1.0, service_name="test", service_version="1"
        )
        with closing_database(url) as database:
            trace_statements(database.engine, tracing.tracer)
            with database.begin() as connection:
                connection.execute(text("CREATE TABLE people (email text UNIQUE)"))
            insert = text("INSERT INTO people VALUES (:email)")
            with (
                pytest.raises(IntegrityError),
                within(tracing.tracer.begin("outer", None, SpanKind.SERVER)),
                database.begin() as connection,
            ):
                connection.execute(insert, [{"email": "ana@example.com"}] * 2)
        tracing.close(time.monotonic() + 10)
        (span,) = [each for each in collector.spans() if each.name == "INSERT people"]
        assert span.attributes["error.type"] == "UniqueViolation"
        assert span.status == StatusCode.STATUS_CODE_ERROR
        [outer] = [each for each in collector.spans() if each.name == "outer"]
        assert outer.span_id == span.parent_id
        assert "ana@example.com" not in json.dumps([span.attributes])
