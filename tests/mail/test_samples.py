"""Every kind of mail, in every language: there, finished, and with what it must say."""

import re
from string import Formatter

import pytest

from howmuch.mail.render import Content, render
from howmuch.mail.samples import SAMPLES
from tests.mail.scenes import composed, html_text, part, read, visible

# By kind, what text and HTML must both say.
SAID = {
    "en": {
        "expense-created": ["Ana added “Dinner”, €48.60", "Your share: €12.15", "You owe €12.15"],
        "expense-changed": ["€48.60 → €62.00", "Dinner → Dinner and wine", "Paid by: Ana → Bo"],
        "expense-deleted": ["Ana deleted “Dinner”, €48.60", "You are settled up in Lisbon trip."],
        "expense-restored": ["Ana went back to an earlier version of “Dinner”", "€62.00 → €48.60"],
        "comment-added": ["Bo commented on “Dinner”", "“Was that with the tip?”"],
        "member-joined": ["Chloé joined the event", "You are owed €12.40 in Lisbon trip."],
        "member-left": ["Chloé left the event"],
        "role-changed": ["Ana gave you the role “editor”", "Role: viewer → editor"],
        "event-renamed": ["Ana renamed the event to “Lisbon trip”", "Name: Trip → Lisbon trip"],
        "event-archived": ["Ana archived the event", "nothing can be changed any more"],
        "event-deleted": ["Ana deleted the event", "for 30 days"],
        "several-changes": [
            "Bo paid you €20.00",
            "3 more changes are not listed here.",
            "Open Lisbon trip",
            "Choose the mails about this event",
        ],
        "invitation": ["Ana invites you to “Lisbon trip”", "Jul 21, 2026, 8:42~PM (Lisbon time)"],
        "verify": ["Hello,", "Confirm the address", "/verify?token="],
        "reset": ["Choose a new password", "/reset?token=", "9:42~PM"],
        "password-changed": ["Your password was changed", "Jul 14, 2026, 8:42~PM (Lisbon time)"],
        "deletion-requested": [
            "Your account will be deleted",
            "It will be deleted: Jul 21, 2026, 8:42~PM (Lisbon time).",
            "log in before then",
            "/login",
        ],
        "email-change": ["Hello,", "shall have this address from now on", "/confirm?token="],
        "email-changed": ["got another e-mail address: Jul 14, 2026", "/undo?token=", "Jul 21"],
        "email-returned": ["has this address again", "Choose a new password", "/reset?token="],
        "email-taken-back": ["no longer has this address", "was undone", "Jul 14, 2026"],
        "digest": [
            "Your digest of July 14, 2026",
            "Flat in Rue Oberkampf",
            "You are owed CHF~40.00",
            "Open Flat in Rue Oberkampf",
            "Choose the mails about this event",
            "Your mail settings",
        ],
    },
    "fr": {
        "expense-created": ["Ana a ajouté «~Dinner~», 48,60~€", "Votre part~: 12,15~€"],
        "expense-changed": ["48,60~€ → 62,00~€", "Motif~: Dinner → Dinner and wine", "Ana → Bo"],
        "expense-deleted": ["Ana a supprimé «~Dinner~»", "Vos comptes sont à zéro dans"],
        "expense-restored": ["rétabli une version antérieure~: «~Dinner~»", "62,00~€ → 48,60~€"],
        "comment-added": ["Bo a commenté «~Dinner~»", "«~Was that with the tip?~»"],
        "member-joined": ["Chloé a rejoint l’événement", "On vous doit 12,40~€"],
        "member-left": ["Chloé a quitté l’événement"],
        "role-changed": ["Ana vous a donné le rôle «~éditeur~»", "Rôle~: lecteur → éditeur"],
        "event-renamed": ["Ana a renommé l’événement en «~Lisbon trip~»"],
        "event-archived": ["Ana a archivé l’événement", "rien ne peut plus être modifié"],
        "event-deleted": ["Ana a supprimé l’événement", "pendant 30 jours"],
        "several-changes": [
            "Bo vous a versé 20,00~€",
            "3 autres modifications",
            "Ouvrir «~Lisbon trip~»",
            "Choisir les e-mails sur cet événement",
        ],
        "invitation": ["Ana vous invite à rejoindre «~Lisbon trip~»", "(heure locale~: Lisbonne)"],
        "verify": ["Bonjour,", "Confirmer l’adresse", "/verify?token="],
        "reset": ["Choisir un nouveau mot de passe", "/reset?token=", "21:42"],
        "password-changed": ["Votre mot de passe a été modifié", "14 juil. 2026, 20:42"],
        "deletion-requested": ["Votre compte sera supprimé", "Il sera supprimé~: 21 juil. 2026"],
        "email-change": ["Bonjour,", "doit désormais avoir cette adresse", "/confirm?token="],
        "email-changed": ["a reçu une autre adresse", "/undo?token=", "21 juil. 2026"],
        "email-returned": ["a retrouvé cette adresse", "/reset?token="],
        "email-taken-back": ["n’a plus cette adresse", "a été annulé", "14 juil. 2026"],
        "digest": [
            "Votre résumé du 14 juillet 2026",
            "Vous devez 15,50~€",
            "40,00~CHF",
            "Ouvrir «~Flat in Rue Oberkampf~»",
            "Vos réglages d’e-mails",
        ],
    },
}
KINDS = [(kind, language) for kind in SAMPLES for language in SAID]


@pytest.fixture
def content(kind: str, language: str) -> Content:
    """The sample of a kind, rendered."""
    return render(SAMPLES[kind](language))


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_sample_says_what_it_must(kind: str, language: str, content: Content) -> None:
    """Text and HTML carry the same facts, in the reader's language."""
    assert content.language == language
    for said in SAID[language][kind]:
        assert said in visible(content.text)
        assert said in html_text(content.html)


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_sample_is_finished_copy(kind: str, language: str, content: Content) -> None:
    """No empty place, no line with blanks at its end but the mark of the footer, no gap of two lines."""
    for text in (content.subject, content.text):
        assert not [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    assert "\n\n\n" not in content.text
    assert re.findall(r".* $", content.text, re.MULTILINE) == ["-- "]
    assert content.text.endswith("\n")
    assert not content.text.endswith("\n\n")
    assert 0 < len(content.subject) <= 150
    assert f'<html lang="{language}" dir="ltr">' in content.html


@pytest.mark.parametrize(("kind", "language"), KINDS)
def test_sample_survives_the_way(kind: str, language: str, content: Content) -> None:
    """What is rendered is what a mail program reads out of the composed bytes."""
    message = read(composed(content))
    assert message["Subject"] == content.subject
    assert message["Content-Language"] == language
    assert part(message, "plain") == content.text
    assert part(message, "html") == content.html


@pytest.mark.parametrize("kind", SAMPLES)
def test_french_has_its_own_words(kind: str) -> None:
    """No sentence of the English mail is left in the French one."""
    english, french = (
        set(render(SAMPLES[kind](language)).text.splitlines()) for language in ("en", "fr")
    )
    ours = {"", "-- ", "Lisbon trip", "# Lisbon trip", "# Flat in Rue Oberkampf"}
    shared = {line.strip(" ") if line != "-- " else line for line in english & french}
    said = {line for line in shared if not line.startswith(("https://", "howmuch join "))}
    assert said <= ours


@pytest.mark.parametrize("kind", SAMPLES)
def test_french_spacing(kind: str) -> None:
    """Before a colon and the like, and inside guillemets, French lines do not break."""
    content = render(SAMPLES[kind]("fr"))
    for text in (content.subject, content.text):
        assert not re.search(r" [:;?!»%€]|« |[^\s\d]:(?!//)(?=\s)", text)


def test_subjects() -> None:
    """One change is told in the subject, several are counted."""
    english = {kind: render(make("en")).subject for kind, make in SAMPLES.items()}
    assert english["expense-created"] == "Lisbon trip: Ana added “Dinner”, €48.60"
    assert english["several-changes"] == "Lisbon trip: 8 changes"
    assert english["digest"] == "Your howmuch digest: 6 changes in 2 events"
    french = {kind: visible(render(make("fr")).subject) for kind, make in SAMPLES.items()}
    assert french["expense-created"] == "Lisbon trip~: Ana a ajouté «~Dinner~», 48,60~€"
    assert french["several-changes"] == "Lisbon trip~: 8 modifications"
    assert french["digest"] == "Votre résumé howmuch~: 6 modifications dans 2 événements"
