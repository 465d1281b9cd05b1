"""Renders letters as subject, text and HTML in the reader's language.

The templates and catalogs of all mails are loaded once in a process.
"""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from howmuch.mail.changes import ChangesView, view_changes, view_digest
from howmuch.mail.email_change_notes import (
    view_email_change,
    view_email_changed,
    view_email_returned,
    view_email_taken_back,
)
from howmuch.mail.letters import (
    ChangesLetter,
    DeletionRequestedLetter,
    DigestLetter,
    EmailChangedLetter,
    EmailChangeLetter,
    EmailReturnedLetter,
    EmailTakenBackLetter,
    InvitationLetter,
    Letter,
    PasswordChangedLetter,
    ResetLetter,
    VerifyLetter,
)
from howmuch.mail.notes import (
    NoteView,
    view_deletion_requested,
    view_invitation,
    view_password_changed,
    view_reset,
    view_verify,
)
from howmuch.mail.phrases import clean_line
from howmuch.mail.translator import Translator, find_translator

SUBJECT_LENGTH = 150


@dataclass(frozen=True, slots=True)
class Content:
    """A mail without its addresses. subject: one line, at most 150 characters; language: of the words."""

    subject: str
    text: str
    html: str
    language: str


def render(letter: Letter) -> Content:
    translator = find_translator(letter.reader.locale, letter.reader.time_zone)
    view = _view(translator, letter)
    name = "changes" if isinstance(view, ChangesView) else "note"
    return Content(
        subject=clean_line(view.subject, SUBJECT_LENGTH),
        text=_template(f"{name}.txt").render(view=view, translator=translator),
        html=_template(f"{name}.html").render(view=view, translator=translator),
        language=translator.language,
    )


def _view(translator: Translator, letter: Letter) -> ChangesView | NoteView:
    match letter:
        case ChangesLetter():
            return view_changes(translator, letter)
        case DigestLetter():
            return view_digest(translator, letter)
        case InvitationLetter():
            return view_invitation(translator, letter)
        case VerifyLetter():
            return view_verify(translator, letter)
        case ResetLetter():
            return view_reset(translator, letter)
        case PasswordChangedLetter():
            return view_password_changed(translator, letter)
        case DeletionRequestedLetter():
            return view_deletion_requested(translator, letter)
        case EmailChangeLetter():
            return view_email_change(translator, letter)
        case EmailChangedLetter():
            return view_email_changed(translator, letter)
        case EmailReturnedLetter():
            return view_email_returned(translator, letter)
        case EmailTakenBackLetter():
            return view_email_taken_back(translator, letter)


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
