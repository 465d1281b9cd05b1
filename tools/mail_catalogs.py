"""Bring the catalogs of mails up to date with the code, or check that they are.

    python tools/mail_catalogs.py            extract messages, update every .po, compile every .mo
    python tools/mail_catalogs.py --check    fail where a message lacks a translation, or is stale
    python tools/mail_catalogs.py --add de   begin a catalog

Translate the new messages between the first and the second command.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

MAIL = Path(__file__).resolve().parent.parent / "howmuch" / "mail"
# The functions that take messages; the numbers say which of their arguments.
KEYWORDS = {"N_": None, "say": None, "say_count": (1, 2)}


def extract() -> Catalog:
    """The messages in the code."""
    catalog = Catalog()
    found = extract_from_dir(MAIL, [("**.py", "python")], keywords=KEYWORDS)
    for name, _, message, comments, context in sorted(found, key=lambda each: each[:2]):
        catalog.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return catalog


def update(po: Path, language: str) -> None:
    """Brings one .po to the messages of the code, and the .mo to it."""
    extracted = extract()
    catalog = Catalog(locale=language, fuzzy=False, project="howmuch mails")
    if po.exists():
        with po.open("rb") as file:
            catalog = read_po(file, locale=language)
    # The dates of a file are git's to know; here they would change without a reason.
    extracted.creation_date = catalog.creation_date
    catalog.update(extracted, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    po.parent.mkdir(parents=True, exist_ok=True)
    with po.open("wb") as file:
        write_po(file, catalog, width=100, sort_by_file=True, include_lineno=False)
    # Read again, so that the compiled catalog matches the file.
    with po.open("rb") as file, po.with_suffix(".mo").open("wb") as compiled:
        write_mo(compiled, read_po(file, locale=language))


def faults(po: Path, language: str) -> Iterator[str]:
    """Errors in a catalog, one line each."""
    with po.open("rb") as file:
        catalog = read_po(file, locale=language)
    wanted = {_key(message) for message in extract() if message.id}
    present = {_key(message): message for message in catalog if message.id}
    for message_id in sorted(wanted - present.keys(), key=str):
        yield f"{language}: not in the catalog: {message_id!r}"
    for message_id in sorted(present.keys() - wanted, key=str):
        yield f"{language}: no longer in the code: {message_id!r}"
    for message in present.values():
        yield from _message_faults(language, message)
    with po.with_suffix(".mo").open("rb") as file:
        compiled = {_key(message): _strings(message) for message in read_mo(file) if message.id}
    if compiled != {key: _strings(message) for key, message in present.items()}:
        yield f"{language}: messages.mo is not what messages.po compiles to"


def _key(message: Message) -> tuple[str, ...]:
    """The message, in the singular and, where it has one, the plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _strings(message: Message) -> tuple[str, ...]:
    """The translation, in all its forms."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or [""])


def _message_faults(language: str, message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield f"{language}: fuzzy: {message.id!r}"
    source = _key(message)[-1]
    for text in _strings(message):
        if not text:
            yield f"{language}: not translated: {source!r}"
        elif _places(text) != _places(source):
            yield f"{language}: {text!r} has other {{places}} than {source!r}"


def _places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing, list what is wrong")
    parser.add_argument("--add", metavar="LANGUAGE", help="begin a catalog")
    parser.add_argument("--directory", type=Path, default=MAIL / "locale", help="of the catalogs")
    options = parser.parse_args()
    languages = [path.parent.parent.name for path in options.directory.glob("*/*/messages.po")]
    if options.add:
        languages.append(options.add)
    found: list[str] = []
    for language in sorted(languages):
        po = options.directory / language / "LC_MESSAGES" / "messages.po"
        if options.check:
            found += faults(po, language)
        else:
            update(po, language)
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
