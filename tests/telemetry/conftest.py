"""The fixtures of the tests of mail, for what goes all the way to a mail."""

from tests.mailing.conftest import rabbit_url, sink

__all__ = ["rabbit_url", "sink"]
