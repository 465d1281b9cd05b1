"""The log: one line per event on standard error, as JSON or for people."""

import json
import logging
import sys
from typing import Any

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

from howmuch.telemetry.spans import current_trace_context

_NUMBERS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}


def configure_logging(level: str, form: str) -> None:
    """Send structlog's events and the standard library's records to one place alike.

    level: debug, info, warning or error. form: console or json. Call it once per process.
    """
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace_ids,
    ]
    render: list[Processor]
    if form == "json":
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_to_json)]
    else:
        # The default formatter prints local variables, and with them passwords and tokens.
        plain = structlog.dev.plain_traceback
        colors = sys.stderr.isatty()
        render = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    structlog.configure(
        # Not by its class, which loggers keep from their first use on: the level may change.
        processors=[_drop_below_level, *shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    set_level(level)


def _add_trace_ids(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """Of the span in which a line is written, where there is one."""
    if traceparent := current_trace_context().traceparent:
        event["trace_id"], event["span_id"] = traceparent[3:35], traceparent[36:52]
    return event


def _to_json(line: EventDict, **_how: Any) -> str:
    try:
        return to_json(line, fallback=repr).decode()
    except ValueError:  # A text or bytes that cannot be UTF-8; whatever it is, it is logged.
        return json.dumps(line, default=repr)


def set_level(level: str) -> None:
    """The least level that is written from now on: debug, info, warning or error. Any thread may call it."""
    number = _NUMBERS[level]
    logging.getLogger().setLevel(number)
    # Alembic tells every step of an upgrade at INFO.
    logging.getLogger("alembic").setLevel(max(number, logging.WARNING))


def _drop_below_level(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
    if _NUMBERS[level] < logging.getLogger().level:
        raise structlog.DropEvent
    return event
