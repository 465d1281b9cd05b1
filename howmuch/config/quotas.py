"""Quotas: how much one user, and one event, may write and store."""

from pydantic import Field

from howmuch.config.kinds import Group, Int

MIB = 1024 * 1024


class QuotaSettings(Group):
    """Quotas of one user or event. 0 means no limit. docs/quotas.md has their exact effect."""

    writes_per_minute: Int = Field(
        600, ge=0, le=10**9, description="Calls that write, of one user in a minute."
    )
    bytes_per_day: Int = Field(
        256 * MIB,
        ge=0,
        le=10**18,
        description="Bytes that one user writes in a day, history and stored answers included.",
    )
    bytes_per_user: Int = Field(
        4096 * MIB,
        ge=0,
        le=10**18,
        description="Bytes that one user has written to events that still exist.",
    )
    bytes_per_event: Int = Field(
        1024 * MIB,
        ge=0,
        le=10**18,
        description="Bytes that all users have written to one event.",
    )
    sessions: Int = Field(
        20,
        ge=0,
        le=10**6,
        description="Sessions of one user; a log-in beyond them ends the oldest.",
    )
    events: Int = Field(
        1_000, ge=0, le=10**9, description="Events that one user owns, deleted ones included."
    )
    events_per_day: Int = Field(
        100, ge=0, le=10**9, description="Events that one user creates in a day."
    )
    members_per_day: Int = Field(
        5_000, ge=0, le=10**9, description="Members that one user adds in a day."
    )
    invitations_per_day: Int = Field(
        200, ge=0, le=10**9, description="Invitations that one user makes in a day."
    )
