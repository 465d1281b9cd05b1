"""The log: one line an event on standard error, as JSON or for people."""

import json
import logging
import os
import sys
from typing import Any, TextIO

import structlog
from pydantic_core import to_json
from structlog.typing import EventDict, Processor, WrappedLogger

from howmuch.telemetry.console_log import ConsoleRenderer
from howmuch.telemetry.spans import current_trace_context

_NUMBERS = {name.lower(): number for name, number in logging.getLevelNamesMapping().items()}


def configure_logging(level: str, form: str) -> None:
    """Send the events of structlog and the records of `logging` to standard error, in one format.

    level: debug, info, warning or error. form: console or json. Call it once per process.
    """
    as_json = form == "json"
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        # For people, local time without a date.
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%H:%M:%S", utc=as_json),
        _add_trace_ids,
    ]
    render: list[Processor] = [
        # Plain tracebacks: others print local variables, and with them passwords and tokens.
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(_to_json)
        if as_json
        else ConsoleRenderer(colors=_shows_colors(sys.stderr)),
    ]
    structlog.configure(
        # A processor drops low levels, since loggers cache their wrapper class and the level may change.
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


def _shows_colors(stream: TextIO) -> bool:
    """Whether escape codes are welcome: on a terminal, unless NO_COLOR is set (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _add_trace_ids(_logger: WrappedLogger, _level: str, event: EventDict) -> EventDict:
    """Add trace_id and span_id of the current span, if any."""
    if traceparent := current_trace_context().traceparent:
        event["trace_id"], event["span_id"] = traceparent[3:35], traceparent[36:52]
    return event


def _to_json(line: EventDict, **_how: Any) -> str:
    try:
        return to_json(line, fallback=repr).decode()
    except ValueError:  # Text or bytes that are not UTF-8 are logged all the same.
        return json.dumps(line, default=repr)


def set_level(level: str) -> None:
    """Log from this level up, from now on: debug, info, warning or error. Thread-safe."""
    number = _NUMBERS[level]
    logging.getLogger().setLevel(number)
    # Alembic logs every step of an upgrade at INFO.
    logging.getLogger("alembic").setLevel(max(number, logging.WARNING))


def _drop_below_level(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
    if _NUMBERS[level] < logging.getLogger().level:
        raise structlog.DropEvent
    return event
