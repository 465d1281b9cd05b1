"""What the document is to say beyond the descriptors, and how the gateway that it describes behaves."""

from dataclasses import dataclass
from typing import Any

from howmuch.gateway.options import UpdateMask

JsonObject = dict[str, Any]
"""A JSON object that is still being put together."""


@dataclass(frozen=True, slots=True)
class OpenApiOptions:
    """Empty values are taken from annotations, then from comments, default hosts and package names.

    servers: URLs. public_when: the full name of a method option, and the value with which a method needs
    no sign-in, such as ("example.v1.access", "PUBLIC"); None: only annotations tell.
    visibility: labels of google.api.visibility that are shown; what is restricted to others is left out.
    update_mask, ignore_unknown_fields: as in GatewayOptions.
    """

    title: str = ""
    version: str = ""
    description: str = ""
    servers: tuple[str, ...] = ()
    public_when: tuple[str, str] | None = None
    visibility: tuple[str, ...] = ()
    update_mask: UpdateMask = "deep"
    ignore_unknown_fields: bool = False
