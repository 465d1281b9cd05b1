"""Values as they may be shown: what is secret in them is masked."""

import re
from typing import Any

from pydantic import SecretStr


def shown(value: Any) -> str:
    """A value of a setting, as flags and the environment have it."""
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
    """A secret as it may be shown: a URL without its password, anything else not at all."""
    return mask_url(secret) if "://" in secret or not secret else "***"


def mask_url(url: str) -> str:
    """A URL without its password, which may stand before the host or in the query."""
    # The user name ends at the first colon and the password at the last @, whatever it contains.
    masked = re.sub(r"^(\w+://[^:/@]*):.*@", r"\1:***@", url)
    return re.sub(r"(?i)([?&][^=&]*password)=[^&]*", r"\1=***", masked)
