"""Errors of the client.

ClientError        one sentence that also says what to do
|-- CallError      a call failed: the message of the server, or that it does not answer
`-- WrongUse       invalid arguments; nothing was sent
"""


class ClientError(Exception):
    """Base of all errors that a command prints. The text is one line."""


class CallError(ClientError):
    """A call failed."""


class WrongUse(ClientError):
    """The command line, or a file that it names, is invalid."""
