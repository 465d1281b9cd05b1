"""The table of `howmuch account quotas`."""

from collections.abc import Iterable

from rich.table import Table

from howmuch.client.views.output import cell, local_time, table
from howmuch.v1 import user_pb2

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def quota_list(quotas: Iterable[user_pb2.Quota]) -> Table:
    """Return one line per quota."""
    made = table("Quota", "Event", "Used", "Limit", "More at", right=("Used", "Limit"))
    for quota in quotas:
        of_bytes = quota.name.startswith("bytes")
        made.add_row(
            cell(quota.name.replace("_", " ")),
            cell(quota.event_id),
            _number(quota.used, of_bytes=of_bytes),
            _number(quota.limit, of_bytes=of_bytes) if quota.limit else "none",
            local_time(quota.available_time) if quota.HasField("available_time") else "",
        )
    return made


def _number(number: int, *, of_bytes: bool) -> str:
    if not of_bytes:
        return f"{number:,}"
    size = float(number)
    for unit in _UNITS[:-1]:
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} {_UNITS[-1]}"
