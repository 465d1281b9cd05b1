"""Identifiers are TypeIDs: a prefix that names the kind, and a UUIDv7 in base 32 that sorts by creation.

Sources: the TypeID specification 0.3 and RFC 9562 (UUID version 7). Only the server makes ids. The form of
incoming ids is checked before they reach the database.
"""

import re

from typeid import TypeID

from howmuch.errors import invalid

USER = "usr"
SESSION = "ses"
EVENT = "evt"
MEMBER = "mbr"
INVITATION = "inv"
EXPENSE = "exp"
COMMENT = "cmt"
DELIVERY = "dlv"

_SHAPES = {
    prefix: re.compile(prefix + r"_[0-7][0-9a-hjkmnp-tv-z]{25}", re.ASCII)
    for prefix in (USER, SESSION, EVENT, MEMBER, INVITATION, EXPENSE, COMMENT)
}


def new_id(prefix: str) -> str:
    """A new id such as `exp_01m82xvzrxef69kx02yh9gxa07`. Within one process, ids grow."""
    return str(TypeID(prefix=prefix))


def milliseconds_of(value: str) -> int:
    """When an id was made, in milliseconds since 1970. ValueError for another text."""
    return TypeID.from_string(value).uuid.int >> 80


def check_id(prefix: str, value: str, field: str) -> str:
    """Returns `value` if it has the form of an id with this prefix. Raises InvalidArgument for `field`."""
    if not value:
        raise invalid(field, "ID_REQUIRED", f"An id is required: `{prefix}_` and 26 characters.")
    if not _SHAPES[prefix].fullmatch(value):
        raise invalid(
            field,
            "ID_MALFORMED",
            f"{value[:60]!r} is not an id of this kind: `{prefix}_` and 26 characters"
            " of 0-9 and a-z without i, l, o, u, of which the first is 0 to 7.",
        )
    return value


def optional_id(prefix: str, value: str, field: str) -> str:
    """As `check_id`, for an id that may be empty."""
    return check_id(prefix, value, field) if value else ""
