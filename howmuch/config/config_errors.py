"""Errors of settings: one line with source, key and the expected value."""

from typing import Any

from pydantic import ValidationError

from howmuch.config.keys import Key, close_to, fields, is_group, is_secret
from howmuch.config.shown import mask, mask_url

Layer = dict[Key, tuple[Any, str]]
"""Key to value and source."""


class ConfigError(Exception):
    """An invalid setting. The text is one line: source, key, expected value."""


def unknown(key: Key, source: str) -> str:
    """Return the error for a key that is not a setting."""
    if is_group(key):
        example = next(known for known in fields() if known.startswith(f"{key}."))
        return f"{source}: {key}: expected settings in it, such as {example}"
    close = close_to(key)
    hint = f"did you mean {close}?" if close else "`howmuch config show` lists the settings"
    return f"{source}: {key} is not a setting; {hint}"


_WORDS = (
    ("Value error, ", ""),
    ("Input should be ", "expected "),
    (", unable to parse string as an integer", ""),
    (", unable to parse string as a number", ""),
    ("greater than or equal to", "at least"),
    ("less than or equal to", "at most"),
    ("greater than", "more than"),
)
"""Phrases of pydantic and their replacements."""


def _masked(value: Any) -> Any:
    return mask_url(value) if isinstance(value, str) else value


def explain(error: ValidationError, found: Layer) -> str:
    """Return the first error on one line: source, key, expected and actual value."""
    detail = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in detail["loc"])
    expected = detail["msg"]
    for theirs, ours in _WORDS:
        expected = expected.replace(theirs, ours)
    if key in found:
        value, source = found[key]
        actual = mask(str(value)) if is_secret(key) else repr(_masked(value))
        return f"{source}: {key}: {expected}, not {actual}"
    # A rule over several settings: its text names them, and thus the sources to show.
    sources = [source for name, (_, source) in found.items() if name in expected]
    sources = sources or [
        source for name, (_, source) in found.items() if name.split(".")[-1] in expected
    ]
    return f"{', '.join(sources)}: {expected}"
