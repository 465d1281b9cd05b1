"""The words of mails about an account, and of invitations: a few sentences and one link."""

import datetime as dt
from dataclasses import dataclass

from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import ROLES
from howmuch.mail.letters import (
    InvitationLetter,
    PasswordChangedLetter,
    Reader,
    ResetLetter,
    VerifyLetter,
)
from howmuch.mail.narrator import BODY_LENGTHS, SUBJECT_LENGTHS
from howmuch.mail.phrases import Phrase, clean_line, user_text
from howmuch.mail.voice import Voice, find_voice
from howmuch.model import Role

_MAY = {
    Role.VIEWER: N_("You will see all expenses and who owes whom."),
    Role.EDITOR: N_("You will see who owes whom, and can add and change expenses."),
    Role.OWNER: N_("You will see who owes whom, and can change expenses, members and the event."),
}


@dataclass(frozen=True, slots=True)
class NoteView:
    """All words of a note. button: what the link does; link: empty where there is none."""

    subject: str
    title: Phrase
    paragraphs: list[Phrase]
    button: Phrase
    link: str
    deadline: Phrase | None
    footer: list[Phrase]


def view_invitation(letter: InvitationLetter) -> tuple[Voice, NoteView]:
    """The words of an invitation."""
    voice = find_voice(letter.locale, letter.time_zone)
    name_length, _ = BODY_LENGTHS
    inviter = user_text(letter.inviter_name, name_length)
    event = user_text(letter.event_name, name_length)
    short_name, short_text = SUBJECT_LENGTHS
    view = NoteView(
        subject=voice.say(
            "{inviter} invites you to “{event}”",
            inviter=user_text(letter.inviter_name, short_name),
            event=user_text(letter.event_name, short_text),
        ).text,
        title=voice.say("{inviter} invites you to “{event}”", inviter=inviter, event=event),
        paragraphs=[
            voice.say(
                "With howmuch, friends share the costs of a trip, a flat or an evening,"
                " and see at any time who owes whom."
            ),
            voice.say("Your role will be “{role}”.", role=voice.say(ROLES[letter.role])),
            voice.say(_MAY[letter.role]),
        ],
        button=voice.say("Join the event"),
        link=letter.link,
        deadline=_deadline(voice, letter.expire_time),
        footer=[
            voice.say(
                "You get this mail because {inviter} gave your address to howmuch to invite you.",
                inviter=inviter,
            ),
            voice.say("If you do not want to join, ignore it; nothing will happen."),
        ],
    )
    return voice, view


def view_verify(letter: VerifyLetter) -> tuple[Voice, NoteView]:
    """The words that ask to confirm an address."""
    voice = _voice(letter.reader)
    title = voice.say("Confirm your e-mail address")
    view = NoteView(
        subject=voice.say("Confirm your e-mail address for howmuch").text,
        title=title,
        paragraphs=[
            _hello(voice, letter.reader),
            voice.say(
                "Please confirm that this address is yours, so that howmuch can write to you."
            ),
        ],
        button=voice.say("Confirm the address"),
        link=letter.link,
        deadline=_deadline(voice, letter.expire_time),
        footer=[
            voice.say("You get this mail because this address was entered for a howmuch account."),
            voice.say("If that was not you, ignore it; the address will not be confirmed."),
        ],
    )
    return voice, view


def view_reset(letter: ResetLetter) -> tuple[Voice, NoteView]:
    """The words beside the link to a new password."""
    voice = _voice(letter.reader)
    view = NoteView(
        subject=voice.say("Choose a new howmuch password").text,
        title=voice.say("Choose a new password"),
        paragraphs=[
            _hello(voice, letter.reader),
            voice.say("Somebody, most likely you, asked for a new password for your account."),
        ],
        button=voice.say("Choose a new password"),
        link=letter.link,
        deadline=_deadline(voice, letter.expire_time),
        footer=[
            voice.say("If you did not ask for it, ignore this mail; your password stays as it is."),
        ],
    )
    return voice, view


def view_password_changed(letter: PasswordChangedLetter) -> tuple[Voice, NoteView]:
    """Word of a changed password."""
    voice = _voice(letter.reader)
    view = NoteView(
        subject=voice.say("Your howmuch password was changed").text,
        title=voice.say("Your password was changed"),
        paragraphs=[
            _hello(voice, letter.reader),
            voice.say(
                "The password of your account was changed: {time}.",
                time=voice.deadline(letter.time),
            ),
            voice.say("If it was you, there is nothing left to do."),
            voice.say(
                "If it was not you, somebody else can get into your account:"
                " have the password reset at once."
            ),
        ],
        button=voice.say("Choose a new password"),
        link="",
        deadline=None,
        footer=[
            voice.say("You get this mail because it is about the safety of your howmuch account.")
        ],
    )
    return voice, view


def _voice(reader: Reader) -> Voice:
    return find_voice(reader.locale, reader.time_zone)


def _hello(voice: Voice, reader: Reader) -> Phrase:
    name_length, _ = BODY_LENGTHS
    if not clean_line(reader.name, name_length):
        return voice.say("Hello,")
    return voice.say("Hello {name},", name=user_text(reader.name, name_length))


def _deadline(voice: Voice, expire_time: dt.datetime) -> Phrase:
    return voice.say("The link works until {time}.", time=voice.deadline(expire_time))
