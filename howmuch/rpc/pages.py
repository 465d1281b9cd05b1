"""Pages that fit into one message: they end early, with a token, where they would be too large."""

from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from google.protobuf.message import Message

from howmuch.usecases.paging import Listing

MOST_PAGE_BYTES = 3 * 1024 * 1024
"""Clients of gRPC take four megabytes by default."""

_FRAME_BYTES = 6
"""At most, around one element."""

Row = TypeVar("Row")
Element = TypeVar("Element", bound=Message)


class PageTokens(TypedDict):
    """The tokens in the answer of a list."""

    next_page_token: str
    previous_page_token: str


def tokens_of(listing: Listing[Any], count: int) -> PageTokens:
    """The tokens of a page that ends after `count` rows."""
    return {
        "next_page_token": listing.token_after(count),
        "previous_page_token": listing.previous_page_token,
    }


def page_of(
    listing: Listing[Row], message_of: Callable[[Row], Element]
) -> tuple[list[Element], PageTokens]:
    """The messages of a page up to MOST_PAGE_BYTES, but at least one, and its tokens."""
    messages: list[Element] = []
    size = 0
    for row in listing.rows:
        message = message_of(row)
        size += message.ByteSize() + _FRAME_BYTES
        if messages and size > MOST_PAGE_BYTES:
            break
        messages.append(message)
    return messages, tokens_of(listing, len(messages))
