"""The languages of mails: English in the code, others in gettext catalogs."""

import gettext
from functools import cache
from importlib.resources import as_file, files

SOURCE_LANGUAGE = "en"


def N_(message: str) -> str:  # noqa: N802 - the name by which gettext's tools know it
    """Marks a message that is translated where it is used."""
    return message


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalog of a language, such as `fr`. A language without a catalog gets English."""
    source = files("howmuch.mail") / "locale" / language / "LC_MESSAGES" / "messages.mo"
    if language == SOURCE_LANGUAGE or not source.is_file():
        return gettext.NullTranslations()
    with as_file(source) as path, path.open("rb") as file:
        return gettext.GNUTranslations(file)
