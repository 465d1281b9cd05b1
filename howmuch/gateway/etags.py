"""ETags of responses (RFC 9110, 8.8.3).

A resource's own etag (AIP-154) is a version for writes. It need not change with all that a GET returns, such
as fields that the server sets. So the ETag of a GET is the own etag and a hash of the message:
`"v1;h=5f0c..."`. If-Match may have either form; the service gets its own etag alone.
"""

import hashlib
import re

_LISTED = re.compile(r'[ \t]*((?:W/)?"[^"]*")?([^,]*)(?:,|$)')
_HASH = re.compile(r';h=[0-9a-f]{24}(?=")')


def etag_of(own: str, wire: bytes, *, cacheable: bool) -> bytes:
    """The ETag of a response. A message without its own etag has a weak hash.

    own: the message's field `etag`, perhaps in quotes; empty means none. wire: the message. cacheable:
    whether it answers a GET.
    """
    content = hashlib.sha256(wire).hexdigest()[:24]
    if not own:
        return f'W/"{content}"'.encode()
    if not own.startswith(('"', 'W/"')):
        own = '"{}"'.format(own.replace('"', ""))
    if cacheable:
        own = f'{own.removesuffix(chr(34))};h={content}"'
    return own.encode("latin-1", "replace")


def without_hash(if_match: str) -> str:
    """The value of If-Match with the resource's own etags alone."""
    return _HASH.sub("", if_match)


def listed(header: str) -> list[str]:
    """The tags in a list of If-Match or If-None-Match. Other texts are left out."""
    return [tag for tag, rest in _LISTED.findall(header) if tag and not rest.strip()]
