"""Letters become mails: subject, text and HTML in the reader's language.

What is common to all mails, the templates and the catalogs, is loaded once in a process.
"""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from howmuch.mail.changes import ChangesView, view_changes, view_digest
from howmuch.mail.letters import (
    ChangesLetter,
    DigestLetter,
    InvitationLetter,
    Letter,
    PasswordChangedLetter,
    ResetLetter,
    VerifyLetter,
)
from howmuch.mail.notes import (
    NoteView,
    view_invitation,
    view_password_changed,
    view_reset,
    view_verify,
)
from howmuch.mail.phrases import clean_line
from howmuch.mail.translator import Translator

SUBJECT_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Content:
    """A mail without its addresses. subject: one line, at most 150 characters; language: of the words."""

    subject: str
    text: str
    html: str
    language: str


def render(letter: Letter) -> Content:
    """The mail that says what the letter is about."""
    translator, view = _view(letter)
    name = "changes" if isinstance(view, ChangesView) else "note"
    return Content(
        subject=clean_line(view.subject, SUBJECT_LENGTH),
        text=_template(f"{name}.txt").render(view=view, translator=translator),
        html=_template(f"{name}.html").render(view=view, translator=translator),
        language=translator.language,
    )


def _view(letter: Letter) -> tuple[Translator, ChangesView | NoteView]:
    match letter:
        case ChangesLetter():
            return view_changes(letter)
        case DigestLetter():
            return view_digest(letter)
        case InvitationLetter():
            return view_invitation(letter)
        case VerifyLetter():
            return view_verify(letter)
        case ResetLetter():
            return view_reset(letter)
        case PasswordChangedLetter():
            return view_password_changed(letter)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("howmuch.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
