"""The log: one line per event on standard error, as JSON or for people."""

import logging
import sys

import structlog
from structlog.typing import Processor


def configure_logging(level: str, form: str) -> None:
    """Send structlog's events and the standard library's records to one place alike.

    level: debug, info, warning or error. form: console or json. Call it once per process.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: list[Processor]
    if form == "json":
        render = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # The default formatter prints local variables, and with them passwords and tokens.
        plain = structlog.dev.plain_traceback
        colors = sys.stderr.isatty()
        render = [structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
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
    root.setLevel(number)
    # Alembic tells every step of an upgrade at INFO.
    logging.getLogger("alembic").setLevel(max(number, logging.WARNING))
