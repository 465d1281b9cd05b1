"""The variables that manifests set."""

import base64
from typing import Any


def settings_of(secret: dict[str, Any]) -> dict[str, str]:
    """Those of a Secret, in the clear."""
    encoded = secret.get("data", {})
    clear: dict[str, str] = secret.get("stringData", {})
    return clear | {name: base64.b64decode(value).decode() for name, value in encoded.items()}
