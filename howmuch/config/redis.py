"""Settings of Redis, which holds only data that may be lost."""

from typing import Annotated

from pydantic import Field, SecretStr

from howmuch.config.kinds import COMMON, Group, Seconds, matching

RedisUrl = Annotated[
    SecretStr,
    matching(r"\Z|(rediss?|unix)://.", "redis://user:password@host:6379/0, rediss:// or unix://"),
]


class RedisSettings(Group):
    """Redis, which several processes use for rate limits, cached sessions and notices of changes."""

    url: RedisUrl = Field(
        SecretStr(""),
        description="Redis: redis://user:password@host:6379/0, or rediss:// with TLS. Empty means no "
        "Redis: each process counts rate limits for itself and checks sessions in the "
        "database.",
        json_schema_extra=COMMON,
    )
    prefix: str = Field(
        "howmuch:",
        pattern=r"^\S*$",
        description="Prefix of all keys and channels; give each installation on the same Redis its "
        "own.",
    )
    session_cache_seconds: Seconds = Field(
        5.0,
        ge=0,
        le=60,
        description="How long a session read from the database is cached, in seconds; its end is "
        "announced over Redis at once. 0 disables the cache.",
    )
