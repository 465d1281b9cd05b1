"""Observes messages being handled and mails being sent."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from howmuch.messaging.broker import Handler
from howmuch.telemetry.origin import Origin


class MailObserver:
    """Observes nothing. Subclasses observe from several threads at once."""

    def handling(self, queue: str, handler: Handler) -> Handler:
        """The handler of a queue, observed."""
        return handler

    def sending(
        self, kind: str, mail: str, origin: Origin, origins: Sequence[Origin]
    ) -> AbstractContextManager[object]:
        """Surrounds the hand-over of a mail to the mail server. mail: id of the delivery.

        origin: of the message that asks for the mail. origins: of the changes in the mail.
        """
        return nullcontext()


UNOBSERVED = MailObserver()
