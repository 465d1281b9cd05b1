"""Days: which date it is in a time zone."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from howmuch.model import Event


def today_in(event: Event, now: dt.datetime) -> dt.date:
    """The date of an instant in the time zone of the event."""
    return date_in(event.time_zone, now)


def date_in(time_zone: str, now: dt.datetime) -> dt.date:
    """The date of an instant in a time zone, an IANA name; in UTC if this machine does not know the zone."""
    return now.astimezone(_zone(time_zone)).date()


@lru_cache(1024)
def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC
