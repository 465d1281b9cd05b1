"""Pages that fit into one message: they end early, with a token, where they would be too large."""

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message

from howmuch.usecases.paging import Listing

MOST_PAGE_BYTES = 3 * 1024 * 1024
"""Clients of gRPC take four megabytes by default."""

_FRAME_BYTES = 6
"""At most, around one element."""

Row = TypeVar("Row")
Element = TypeVar("Element", bound=Message)


def page_of(
    listing: Listing[Row], message_of: Callable[[Row], Element]
) -> tuple[list[Element], str]:
    """The messages of a page up to MOST_PAGE_BYTES, but at least one, and the token of the next page."""
    messages: list[Element] = []
    size = 0
    for row in listing.rows:
        message = message_of(row)
        size += message.ByteSize() + _FRAME_BYTES
        if messages and size > MOST_PAGE_BYTES:
            break
        messages.append(message)
    return messages, listing.token_after(len(messages))
