"""Settings that switch off parts that exist only for speed; docs/speed.md has the savings of each."""

from pydantic import Field

from howmuch.config.kinds import Group


class SpeedSettings(Group):
    """Parts that exist only for speed; without them answers are the same, and take more processor time."""

    fast_add: bool = Field(
        True,
        description="Add a small expense by one statement on PostgreSQL, together with those that"
        " arrive at the same time. false: every write takes the event's lock.",
    )
    caches: bool = Field(
        True,
        description="Keep answers, listed expenses and their JSON in the process, 16 MiB at most."
        " false: read the database for every answer. Sessions have redis.session_cache_seconds.",
    )
    in_process: bool = Field(
        True,
        description="Call the server without gRPC from the gateway in the same process (`howmuch run`)."
        " false: call it through a private socket.",
    )
    rare_gc: bool = Field(
        True,
        description="Run Python's garbage collector less often once the program has started. false: keep its"
        " own thresholds.",
    )
