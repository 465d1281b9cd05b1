"""Strict percent-decoding: invalid encoding is an error."""

import re
from urllib.parse import unquote_to_bytes

_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SLASHES = re.compile(rb"(%2[Ff])")


def decode(text: bytes, *, keep_slashes: bool = False) -> str:
    """The decoded text. keep_slashes: leave %2F as it is. Raises ValueError with the rule that it breaks."""
    if b"%" in text:
        if _BROKEN.search(text):
            raise ValueError("% must be followed by two hexadecimal digits")
        if keep_slashes:
            parts = _SLASHES.split(text)
            parts[::2] = [unquote_to_bytes(part) for part in parts[::2]]
            text = b"".join(parts)
        else:
            text = unquote_to_bytes(text)
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
