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
        return ",".join(map(str, value))
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def mask(secret: str) -> str:
    """Mask a secret: the password of a URL, or the whole of any other secret."""
    return mask_url(secret) if "://" in secret or not secret else "***"


def mask_url(url: str) -> str:
    """Mask the password of a URL, before the host or in the query."""
    # The user name ends at the first colon and the password, which may contain both, at the last @.
    masked = re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*password)=[^&]*", r"\1=***", masked)
