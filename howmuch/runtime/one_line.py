"""The text of an error for a log line."""


def one_line(error: BaseException) -> str:
    """The text of an error in one line; the name of its type if it has no text."""
    return " ".join(str(error).split()) or type(error).__name__
