"""Language and time zone of this machine. Empty means that it does not say."""

import os
import re
import zoneinfo
from pathlib import Path

_LOCAL_TIME = Path("/etc/localtime")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:_([A-Z]{2}))?(?:[.@].*)?")


def language() -> str:
    """The language tag of the environment: `LANG=fr_CH.UTF-8` is `fr-CH`."""
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    found = _LANGUAGE.fullmatch(named)
    return "-".join(filter(None, found.groups())) if found else ""


def zone() -> str:
    """The IANA name of the time zone, by TZ or /etc/localtime."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named and _LOCAL_TIME.is_symlink():
        named = str(_LOCAL_TIME.resolve()).rpartition("zoneinfo/")[2]
    return named if named in zoneinfo.available_timezones() else ""
