"""The log for people: one short line an event, the main facts first.

01:17:04 CreateExpense OK usr..9k2f0q 3.1 ms
01:17:05 POST /v1/events/{}/expenses 400 usr..9k2f0q 1.2 ms AMOUNT_MALFORMED
01:17:09 WARNING messages wait: connection refused retry_in_seconds=2
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from structlog.typing import EventDict, WrappedLogger

_RESET = "\x1b[0m"
_BOLD, _DIM, _RED, _GREEN, _YELLOW = (f"\x1b[{number}m" for number in (1, 2, 31, 32, 33))
_LEVEL_COLORS = {"debug": _DIM, "warning": _YELLOW}
_FAULTS = ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DEADLINE_EXCEEDED")
_LONG_VALUES = ("request_id", "request_ids", "trace_id", "span_id", "client_network")
"""Left out of short lines."""

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ConsoleRenderer:
    """The last processor of structlog. colors: whether the output is a terminal that shows them.

    Lines are short unless they warn, or the level of the log is debug.
    """

    colors: bool

    def __call__(self, _logger: WrappedLogger, _level: str, event: EventDict) -> str:
        """The line, and a traceback below it."""
        line: Line = dict(event)
        time, level, name = line.pop("timestamp"), line.pop("level"), line.pop("event")
        traceback = line.pop("exception", "")
        is_short = level in ("info", "debug") and logging.getLogger().level > logging.DEBUG
        ids = {key: line.pop(key) for key in _LONG_VALUES if key in line}
        parts = [self._paint(time, _DIM)]
        if level != "info":
            parts.append(self._paint(level.upper(), _LEVEL_COLORS.get(level, _RED)))
        if "logger" in line:
            parts.append(f"{line.pop('logger')}: {_plain(name)}")
        elif name == "rpc":
            parts += self._call(line)
        elif name == "http":
            parts += self._request(line)
        else:
            reason = f": {_plain(line.pop('reason'))}" if "reason" in line else ""
            parts.append(self._paint(_plain(name), _BOLD) + reason)
        for key, value in (line if is_short else line | ids).items():
            parts.append(self._paint(f"{key}={_value(value, is_short=is_short)}", _DIM))
        return " ".join(parts) + (f"\n{traceback}" if traceback else "")

    def _call(self, line: Line) -> Iterator[str]:
        """A call over gRPC."""
        yield self._paint(line.pop("method").rpartition("/")[2], _BOLD)
        code = line.pop("code")
        refused = _RED if code in _FAULTS else _YELLOW
        yield self._paint(code, _GREEN if code == "OK" else refused)
        yield from self._end(line)

    def _request(self, line: Line) -> Iterator[str]:
        """A request over REST, and the call that it became."""
        for said_by_the_status in ("rpc", "code", "rpc_duration_ms"):
            line.pop(said_by_the_status, None)
        # The names of variables in a route make it long, and say nothing of this request.
        route = re.sub(r"\{[^}]*\}", "{}", line.pop("route")) or "-"
        yield self._paint(f"{_plain(line.pop('method'))} {route}", _BOLD)
        status = line.pop("status")
        refused = _RED if status >= 500 else _YELLOW
        yield self._paint(str(status), refused if status >= 400 else _GREEN)
        yield from self._end(line)

    def _end(self, line: Line) -> Iterator[str]:
        if user_id := line.pop("user_id", None):
            kind, _, suffix = user_id.partition("_")
            yield f"{kind}..{suffix[-6:]}"
        yield self._paint(f"{line.pop('duration_ms'):.1f} ms", _DIM)
        if reason := line.pop("reason", ""):
            yield _plain(reason)

    def _paint(self, text: str, color: str) -> str:
        return f"{color}{text}{_RESET}" if self.colors else text


def _value(value: object, *, is_short: bool) -> str:
    """A value without spaces, or in quotes; of a list on a short line the first, and the number of others."""
    if isinstance(value, list | tuple):
        shown = [str(each) for each in value]
        if is_short and len(shown) > 1:
            shown[1:] = [f"+{len(shown) - 1}"]
        value = ",".join(shown)
    text = str(value)
    return text if text.isprintable() and " " not in text else repr(text)


def _plain(text: object) -> str:
    """One line, without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(text))
