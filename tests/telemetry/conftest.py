"""The fixtures of the tests of mail, for what goes all the way to a mail."""

from tests.mail_delivery.conftest import rabbit_url, sink

__all__ = ["rabbit_url", "sink"]
