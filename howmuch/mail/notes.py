"""The views of mails about an account, and of invitations: a few sentences and one link."""

import datetime as dt
from dataclasses import dataclass

from howmuch.mail.catalogs import N_
from howmuch.mail.event_lines import ROLES
from howmuch.mail.letters import (
    DeletionRequestedLetter,
    InvitationLetter,
    PasswordChangedLetter,
    Reader,
    ResetLetter,
    VerifyLetter,
)
from howmuch.mail.phrases import Phrase, name_text
from howmuch.mail.translator import Translator
from howmuch.mail.wording import SUBJECT_LENGTHS
from howmuch.model import Role

_MAY = {
    Role.VIEWER: N_("You will see all expenses and who owes whom."),
    Role.EDITOR: N_("You will see who owes whom, and can add and change expenses."),
    Role.OWNER: N_("You will see who owes whom, and can change expenses, members and the event."),
}


@dataclass(frozen=True, slots=True)
class NoteView:
    """The texts of a note. button: the label of the link. link: empty means no link.

    unsubscribe: the label of unsubscribe_link, which is empty if such mails cannot be stopped. terminal: the
    label of a command. Empty means none.
    """

    subject: str
    title: Phrase
    paragraphs: list[Phrase]
    button: Phrase
    link: str
    deadline: Phrase | None
    footer: list[Phrase]
    unsubscribe: Phrase | None = None
    unsubscribe_link: str = ""
    terminal: Phrase | None = None
    command: str = ""


def view_invitation(translator: Translator, letter: InvitationLetter) -> NoteView:
    # Its reader knows neither howmuch nor perhaps the sender, so the sender has room for names alone.
    longest_name, longest_event = SUBJECT_LENGTHS
    inviter = name_text(letter.inviter_name, longest_name)
    event = name_text(letter.event_name, longest_event)
    title = translator.say("{inviter} invites you to “{event}”", inviter=inviter, event=event)
    return NoteView(
        subject=title.text,
        title=title,
        paragraphs=[
            translator.say(
                "With howmuch, friends share the costs of a trip, a flat or an evening,"
                " and see at any time who owes whom."
            ),
            translator.say("Your role will be “{role}”.", role=translator.say(ROLES[letter.role])),
            translator.say(_MAY[letter.role]),
        ],
        button=translator.say("Join the event"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[
            translator.say(
                "You get this mail because {inviter} gave your address to howmuch to invite you.",
                inviter=inviter,
            ),
            translator.say("If you do not want to join, ignore it; nothing will happen."),
        ],
        unsubscribe=translator.say("Never invite me again"),
        unsubscribe_link=letter.refuse_link,
        terminal=translator.say("Or in a terminal:"),
        command=letter.command,
    )


def view_verify(translator: Translator, letter: VerifyLetter) -> NoteView:
    title = translator.say("Confirm your e-mail address")
    return NoteView(
        subject=translator.say("Confirm your e-mail address for howmuch").text,
        title=title,
        paragraphs=[
            translator.say("Hello,"),
            translator.say(
                "Please confirm that this address is yours, so that howmuch can write to you."
            ),
        ],
        button=translator.say("Confirm the address"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[
            translator.say(
                "You get this mail because this address was entered for a howmuch account."
            ),
            translator.say("If that was not you, ignore it; the address will not be confirmed."),
        ],
    )


def view_reset(translator: Translator, letter: ResetLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Choose a new howmuch password").text,
        title=translator.say("Choose a new password"),
        paragraphs=[
            hello(translator, letter.reader),
            translator.say("Somebody, most likely you, asked for a new password for your account."),
        ],
        button=translator.say("Choose a new password"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[
            translator.say(
                "If you did not ask for it, ignore this mail; your password stays as it is."
            )
        ],
    )


def view_password_changed(translator: Translator, letter: PasswordChangedLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Your howmuch password was changed").text,
        title=translator.say("Your password was changed"),
        paragraphs=[
            hello(translator, letter.reader),
            translator.say(
                "The password of your account was changed: {time}.",
                time=translator.moment(letter.time),
            ),
            translator.say("If it was you, there is nothing left to do."),
            translator.say(
                "If it was not you, somebody else can get into your account:"
                " have the password reset at once."
            ),
        ],
        button=translator.say("Choose a new password"),
        link="",
        deadline=None,
        footer=[about_safety(translator)],
    )


def view_deletion_requested(translator: Translator, letter: DeletionRequestedLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Your howmuch account will be deleted").text,
        title=translator.say("Your account will be deleted"),
        paragraphs=[
            hello(translator, letter.reader),
            translator.say(
                "The deletion of your account was requested: {time}.",
                time=translator.moment(letter.time),
            ),
            translator.say(
                "It will be deleted: {time}. Your expenses stay in your events, without your name.",
                time=translator.moment(letter.due_time),
            ),
            translator.say("To keep the account, log in before then. There is nothing else to do."),
            translator.say("If you did not ask for it, log in, and choose a new password at once."),
        ],
        button=translator.say("Log in"),
        link=letter.log_in_link,
        deadline=None,
        footer=[about_safety(translator)],
    )


def hello(translator: Translator, reader: Reader) -> Phrase:
    name = name_text(reader.name, SUBJECT_LENGTHS[0])
    return translator.say("Hello {name},", name=name) if name.text else translator.say("Hello,")


def deadline_of(translator: Translator, expire_time: dt.datetime) -> Phrase:
    return translator.say("The link works until {time}.", time=translator.moment(expire_time))


def about_safety(translator: Translator) -> Phrase:
    return translator.say(
        "You get this mail because it is about the safety of your howmuch account."
    )
