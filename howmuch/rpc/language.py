"""The language that a client prefers, by its header `accept-language` (RFC 9110, 12.5.4)."""

from howmuch.errors import InvalidArgument
from howmuch.mail.translator import has_words
from howmuch.rpc.call import Call
from howmuch.runtime.locales import find_locale
from howmuch.usecases import accounts
from howmuch.usecases.validation import check_locale

_LONGEST = 1_000


def preferred_locale(header: str) -> str:
    """The most preferred tag that mails have words for, or else the most preferred one. Empty means none."""
    wanted: list[tuple[float, str]] = []
    for part in header[:_LONGEST].split(","):
        tag, _, parameter = (text.strip() for text in part.partition(";"))
        weight = _weight(parameter)
        if weight > 0 and _is_tag(tag):
            wanted.append((weight, tag))
    # The sort is stable: of equal weights the first wins.
    tags = [tag for _, tag in sorted(wanted, key=lambda each: -each[0])]
    return next((tag for tag in tags if has_words(find_locale(tag).language)), next(iter(tags), ""))


def caller_locale(call: Call) -> str:
    """The locale that a signed-in client prefers, or else that of the account, which takes a statement."""
    return preferred_locale(call.header("accept-language")) or (
        accounts.get_user(call.connection, call.caller.user_id).locale
    )


def _weight(parameter: str) -> float:
    """The value of `q=0.8`; 1 without it, 0 if it is malformed."""
    if not parameter:
        return 1.0
    name, _, value = parameter.partition("=")
    number = value.strip()
    if name.strip().lower() != "q" or not number.replace(".", "", 1).isdecimal():
        return 0.0
    return min(float(number), 1.0) if number.isascii() else 0.0


def _is_tag(tag: str) -> bool:
    try:
        check_locale(tag, "accept-language")
    except InvalidArgument:
        return False
    return True
