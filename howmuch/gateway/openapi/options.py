"""Options of the document, and of the gateway that it describes."""

from dataclasses import dataclass
from typing import Any

from howmuch.gateway.options import (
    MethodOption,
    Preconditions,
    Resumable,
    SessionCookie,
    UpdateMask,
)

JsonObject = dict[str, Any]
"""A mutable JSON object."""


@dataclass(frozen=True, slots=True)
class OpenApiOptions:
    """Empty values come from annotations, then from comments, default hosts and package names.

    servers: URLs. public_when: marks methods that need no sign-in; None means that only annotations do.
    visibility: labels of google.api.visibility to show. Others: see GatewayOptions and Info.
    """

    title: str = ""
    version: str = ""
    description: str = ""
    servers: tuple[str, ...] = ()
    public_when: MethodOption | None = None
    visibility: tuple[str, ...] = ()
    update_mask: UpdateMask = "deep"
    ignore_unknown_fields: bool = False
    session_cookie: SessionCookie | None = None
    resumable: tuple[Resumable, ...] = ()
    idempotency_keys: tuple[str, ...] = ()
    preconditions: Preconditions | None = None
