"""Settings of Redis, which holds nothing that may not be lost."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from howmuch.config.kinds import Group, Seconds


def _redis_url(value: SecretStr) -> SecretStr:
    if not re.match(r"$|(rediss?|unix)://.", value.get_secret_value()):
        raise ValueError("expected redis://user:password@host:6379/0, rediss:// or unix://")
    return value


class RedisSettings(Group):
    """What several processes share for a while: counts of rate limits, and word of what has changed."""

    url: Annotated[SecretStr, AfterValidator(_redis_url)] = Field(
        SecretStr(""),
        description="Redis: redis://user:password@host:6379/0, rediss:// with TLS. Empty: none, each"
        " process counts for itself and asks the database.",
    )
    prefix: str = Field(
        "howmuch:",
        pattern=r"^\S*$",
        description="What all keys and channels begin with; installations that share a Redis need one each.",
    )
    session_cache_seconds: Seconds = Field(
        5.0,
        ge=0,
        le=60,
        description="Seconds for which a session that was seen in the database is believed; its end is"
        " heard by Redis at once. 0: never.",
    )
