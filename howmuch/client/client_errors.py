"""What a client can be told.

ClientError        one sentence, which also says what to do
|-- CallError      a call failed: what the server said, or that there is none
`-- WrongUse       what was asked for makes no sense, whatever the server holds; nothing was sent
"""


class ClientError(Exception):
    """Base of what a command reports. The text is one line."""


class CallError(ClientError):
    """A call failed."""


class WrongUse(ClientError):
    """The command line, or a file that it names, is not as it has to be."""
