"""Whether a gateway in this process wrote of something that went wrong inside it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@contextmanager
def nothing_went_wrong() -> Iterator[None]:
    """Fails at the end of the block where an error or a traceback was logged in it."""
    kept = _Kept()
    root = logging.getLogger()
    root.addHandler(kept)
    # The gateway keeps uvicorn quiet. Here it has to speak: it says what the application did wrong.
    uvicorn = logging.getLogger("uvicorn.error")
    level = uvicorn.level
    uvicorn.setLevel(logging.ERROR)
    try:
        with structlog.testing.capture_logs() as entries:
            yield
    finally:
        uvicorn.setLevel(level)
        root.removeHandler(kept)
    lines = [kept.format(record) for record in kept.records if _is_bad(record)]
    lines += [str(entry) for entry in entries if _is_bad_entry(entry)]
    assert not lines, f"{len(lines)} logged, the first: {lines[0]}"


def _is_bad(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.ERROR or bool(record.exc_info)


def _is_bad_entry(entry: Any) -> bool:
    return entry["log_level"] in ("error", "critical") or bool(entry.get("exc_info"))
