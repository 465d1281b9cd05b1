"""What watches messages being handled and mails being sent."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from howmuch.messaging.broker import Handler
from howmuch.telemetry.origin import Origin


class MailObserver(Protocol):
    """Handlers run in several threads at once."""

    def handling(self, queue: str, handler: Handler) -> Handler:
        """The handler of a queue, watched."""

    def sending(
        self, kind: str, mail: str, origin: Origin, origins: Sequence[Origin]
    ) -> AbstractContextManager[object]:
        """Around a mail being handed to the mail server. mail: its id, not its address.

        origin: of the message that has it sent. origins: of the changes that are in it.
        """


class _Nobody:
    def handling(self, _queue: str, handler: Handler) -> Handler:
        return handler

    def sending(
        self, _kind: str, _mail: str, _origin: Origin, _origins: Sequence[Origin]
    ) -> AbstractContextManager[object]:
        return nullcontext()


NOBODY: MailObserver = _Nobody()
