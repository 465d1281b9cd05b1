"""The views of mails about a change of the address of an account."""

from howmuch.mail.letters import (
    EmailChangedLetter,
    EmailChangeLetter,
    EmailReturnedLetter,
    EmailTakenBackLetter,
)
from howmuch.mail.notes import NoteView, about_safety, deadline_of, hello
from howmuch.mail.phrases import Phrase
from howmuch.mail.translator import Translator


def view_email_change(translator: Translator, letter: EmailChangeLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Confirm your new e-mail address for howmuch").text,
        title=translator.say("Confirm your new e-mail address"),
        paragraphs=[
            translator.say("Hello,"),
            translator.say(
                "Please confirm that your howmuch account shall have this address from now on."
                " You will log in with it, and get your mails here."
            ),
        ],
        button=translator.say("Change the address"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[
            translator.say(
                "You get this mail because this address was entered for a howmuch account."
            ),
            translator.say("If that was not you, ignore it, and do not open the link."),
        ],
    )


def view_email_changed(translator: Translator, letter: EmailChangedLetter) -> NoteView:
    return NoteView(
        subject=translator.say("The address of your howmuch account was changed").text,
        title=translator.say("The address of your account was changed"),
        paragraphs=[
            hello(translator, letter.reader),
            translator.say(
                "Your account got another e-mail address: {time}. You can no longer log in with this one.",
                time=translator.moment(letter.time),
            ),
            translator.say("If it was you, there is nothing left to do."),
            translator.say(
                "If it was not you, undo the change: your account gets this address again, and every"
                " device is logged out."
            ),
        ],
        button=translator.say("Undo the change"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[about_safety(translator)],
    )


def view_email_returned(translator: Translator, letter: EmailReturnedLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Your howmuch account has this address again").text,
        title=translator.say("Your account has this address again"),
        paragraphs=[
            hello(translator, letter.reader),
            _undone(translator, letter),
            translator.say("Every device was logged out."),
            translator.say(
                "Choose a new password now: another person may know the present one. If it was"
                " changed after the address, it does not work any more."
            ),
        ],
        button=translator.say("Choose a new password"),
        link=letter.link,
        deadline=deadline_of(translator, letter.expire_time),
        footer=[about_safety(translator)],
    )


def view_email_taken_back(translator: Translator, letter: EmailTakenBackLetter) -> NoteView:
    return NoteView(
        subject=translator.say("Your howmuch account no longer has this address").text,
        title=translator.say("Your account no longer has this address"),
        paragraphs=[
            hello(translator, letter.reader),
            _undone(translator, letter),
            translator.say("Log in with the former address from now on."),
        ],
        button=translator.say("Log in"),
        link=letter.log_in_link,
        deadline=None,
        footer=[about_safety(translator)],
    )


def _undone(translator: Translator, letter: EmailReturnedLetter | EmailTakenBackLetter) -> Phrase:
    return translator.say(
        "The change of the address of your account was undone, by the link in the mail to its former"
        " address: {time}.",
        time=translator.moment(letter.time),
    )
