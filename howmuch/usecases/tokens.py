"""Secrets that are handed out: session tokens, and tokens in mailed links."""

import hashlib
import secrets

# 256 bits cannot be guessed, so a plain SHA-256 of the token is enough to look it up by.
_RANDOM_BYTES = 32


def new_token() -> str:
    """A fresh secret of 43 URL-safe characters.

    It never begins with a hyphen: people pass tokens to commands, which would take it for an option.
    """
    while (token := secrets.token_urlsafe(_RANDOM_BYTES)).startswith("-"):
        pass
    return token


def hash_token(token: str) -> bytes:
    """The stored form of a token: 32 bytes that do not give it away."""
    return hashlib.sha256(token.encode()).digest()
