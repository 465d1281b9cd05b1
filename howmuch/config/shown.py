"""Values of settings for display, with secrets masked."""

import re
from typing import Any

from pydantic import SecretStr


def shown(value: Any) -> str:
    """Format a value as flags and the environment write it."""
    if isinstance(value, SecretStr):
        return mask(value.get_secret_value())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(shown, value))
    if isinstance(value, str):
        return mask_url(value)
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def mask(secret: str) -> str:
    """Mask a secret: the password of a URL, or the whole of any other secret."""
    return mask_url(secret) if "://" in secret or not secret else "***"


# The user name ends at the first colon and the password, which may contain both, at the last @.
_PASSWORD = re.compile(r"^([\w.+-]+://[^:/@]*):.*@")
_USER_OF_HTTP = re.compile(r"^(https?://)[^/?#@]+@", re.IGNORECASE)
# An encoded name may hide any word. A link has {token} where a mail has the token.
_PARAMETER = re.compile(
    r"([?&;#][^=&;#?]*(?:pass|pwd|secret|token|(?<!ssl)key|sig|auth|cred|%)[^=&;#?]*)=(?!\{)[^&]*",
    re.IGNORECASE,
)


def mask_url(url: str) -> str:
    """Mask the secrets of a URL: before the host and in the query. Other texts stay as they are."""
    if "://" not in url:
        return url
    masked = _PASSWORD.sub(r"\1:***@", url)
    # A user name of the web without a password is a token.
    masked = _USER_OF_HTTP.sub(lambda m: m[0] if ":***@" in m[0] else f"{m[1]}***@", masked)
    return _PARAMETER.sub(r"\1=***", masked)
