"""The words of the web app in a language, from its own catalogue of messages."""

import functools
import json
import re

from tests.web.windows import ROOT, Language

CATALOGUES = ROOT / "web" / "src" / "i18n"
# Lingui writes each text on one line, with the escapes of JSON.
ENTRY = re.compile(r'^msgid (".+")\nmsgstr (".*")$', re.MULTILINE)


class Words:
    """Messages by their English text, in which names stand as `{name}` or `{0}`."""

    def __init__(self, language: Language) -> None:
        self._messages = _messages(language)

    def __call__(self, message: str, *values: str) -> str:
        """The message with values in the places of its names. It fails if there is no translation."""
        text = self._messages[message]
        assert text, f"no translation: {message}"
        names = list(dict.fromkeys(re.findall(r"\{\w+\}", message)))
        for name, value in zip(names, values, strict=True):
            text = text.replace(name, value)
        return text


@functools.cache
def _messages(language: Language) -> dict[str, str]:
    found = ENTRY.findall((CATALOGUES / f"{language}.po").read_text())
    return {json.loads(message): json.loads(text) for message, text in found}
