"""What mails say about events and their members."""

from dataclasses import replace

import pytest

from howmuch.ledger.split import OWN_WEIGHT, EqualSplit, WeightsSplit
from howmuch.mail.letters import DigestLetter, Reader
from howmuch.mail.render import render
from howmuch.model import Comment, Event, Member, Role
from howmuch.storage.tables import CHANGE_KINDS
from howmuch.usecases.history import Change, Resource
from tests.mail.scenes import EVENT, GUEST, NOW, change, expense, letter, told, visible

ME = replace(GUEST, id="mbr_me", name="Dan", user_id="usr_1")


@pytest.mark.parametrize(
    ("before", "after", "actor", "said"),
    [
        (GUEST, replace(GUEST, role=Role.EDITOR), "mbr_ana", "Ana gave Bo the role “editor”"),
        (GUEST, replace(GUEST, role=Role.OWNER), "mbr_bo", "Bo now has the role “owner”"),
        (ME, replace(ME, role=Role.EDITOR), "mbr_ana", "Ana gave you the role “editor”"),
        (GUEST, replace(GUEST, name="Bob"), "mbr_ana", "Ana renamed Bo to Bob"),
        (GUEST, replace(GUEST, name="Bob"), "mbr_bo", "Bo is now called Bob"),
        (ME, replace(ME, name="Danny"), "mbr_ana", "Ana changed your name to Danny"),
        (replace(GUEST, active=False), GUEST, "mbr_ana", "Ana took Bo back in"),
        (
            GUEST,
            replace(GUEST, weight=3),
            "mbr_ana",
            "Ana changed the weight of Bo in splits\n  Weight: 1 → 3",
        ),
        (
            replace(GUEST, colour="#00687a"),
            replace(GUEST, colour="#ffffff"),
            "mbr_ana",
            "Ana changed the entry of Bo\n  Colour: #00687a → #ffffff",
        ),
        (
            GUEST,
            replace(GUEST, weight=3, role=Role.EDITOR, name="Bob"),
            "mbr_ana",
            "Ana changed the entry of Bo\n  Name: Bo → Bob\n  Role: viewer → editor\n  Weight: 1 → 3",
        ),
    ],
)
def test_member_update_is_told_by_what_changed(
    before: Member, after: Member, actor: str, said: str
) -> None:
    """Role, name, weight and return each have their sentence; several have rows."""
    assert f"{said}\n" in told(change("MEMBER_UPDATED", before, after, actor=actor))


def test_guest_who_joins_under_another_name() -> None:
    """A guest who is claimed: both names are told."""
    joined = replace(GUEST, name="Roberta", user_id="usr_2")
    text = told(change("MEMBER_JOINED", GUEST, joined, actor="mbr_bo"), names={"mbr_bo": "Roberta"})
    assert "Roberta joined the event\n  Role: viewer\n  Known until now as: Bo\n" in text


@pytest.mark.parametrize(
    ("subject", "english", "french"),
    [
        (GUEST, "Ana removed Bo from the event", "Ana a retiré Bo de l’événement"),
        (ME, "Ana removed you from the event", "Ana a mis fin à votre participation"),
    ],
)
def test_removal_addresses_the_reader(subject: Member, english: str, french: str) -> None:
    """Whoever is removed is told so in the second person."""
    removal = change("MEMBER_REMOVED", subject, None)
    assert english in told(removal)
    assert french in told(removal, locale="fr")
    assert ("because you took part in" in told(removal)) == (subject is ME)


def test_member_whose_name_is_not_given_is_named_by_the_record() -> None:
    """Who left for good is in no list of names any more, but in the change."""
    assert "Bo left the event" in told(change("MEMBER_LEFT", GUEST, None, "mbr_bo"), names={})


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (
            replace(EVENT, name="Porto"),
            "Ana renamed the event to “Porto”\n  Name: Lisbon trip → Porto",
        ),
        (replace(EVENT, currency_code="CHF"), "Ana changed the event\n  Currency: EUR → CHF"),
        (replace(EVENT, description="Sun!"), "Ana changed the event\n  Description: “Sun!”"),
        (
            replace(EVENT, default_split=WeightsSplit((("mbr_bo", 2), ("mbr_me", OWN_WEIGHT)))),
            "Ana changed the event\n  Default split: by the usual weights → by weight – Bo (2), you"
            " (usual weight)",
        ),
        (
            replace(EVENT, default_split=EqualSplit(())),
            "Ana changed the event\n  Default split: by the usual weights → equally between everybody",
        ),
    ],
)
def test_event_update_tells_old_and_new(after: Event, said: str) -> None:
    """Name, currency, description and default split."""
    assert f"{said}\n" in told(change("EVENT_UPDATED", EVENT, after))


# What the subject of a mail says of each kind of change; the last kind is of a later version.
COMMENT = Comment("cmt_1", EVENT.id, "exp_1", "Dinner", "mbr_ana", "With the tip?", NOW, None)
SUBJECTS = {
    "EVENT_CREATED": ("Ana created the event", "Ana a créé l’événement"),
    "EVENT_UPDATED": ("Ana changed the event", "Ana a modifié l’événement"),
    "EVENT_ARCHIVED": ("Ana archived the event", "Ana a archivé l’événement"),
    "EVENT_UNARCHIVED": ("Ana reopened the event", "Ana a rouvert l’événement"),
    "EVENT_DELETED": ("Ana deleted the event", "Ana a supprimé l’événement"),
    "EVENT_UNDELETED": ("Ana brought the event back", "Ana a rétabli l’événement"),
    "MEMBER_ADDED": ("Ana added Bo to the event", "Ana a ajouté Bo à l’événement"),
    "MEMBER_JOINED": ("Bo joined the event", "Bo a rejoint l’événement"),
    "MEMBER_UPDATED": ("Ana changed the entry of Bo", "Ana a modifié la fiche d’un membre~: Bo"),
    "MEMBER_REMOVED": ("Ana removed Bo from the event", "Ana a retiré Bo de l’événement"),
    "MEMBER_LEFT": ("Bo left the event", "Bo a quitté l’événement"),
    "INVITATION_CREATED": (
        "Ana invited somebody to the event",
        "Ana a invité quelqu’un à rejoindre l’événement",
    ),
    "INVITATION_REVOKED": ("Ana withdrew an invitation", "Ana a retiré une invitation"),
    "EXPENSE_CREATED": ("Ana added “Dinner”, €48.60", "Ana a ajouté «~Dinner~», 48,60~€"),
    "EXPENSE_UPDATED": ("Ana changed “Dinner”, €48.60", "Ana a modifié «~Dinner~», 48,60~€"),
    "EXPENSE_DELETED": ("Ana deleted “Dinner”, €48.60", "Ana a supprimé «~Dinner~», 48,60~€"),
    "EXPENSE_UNDELETED": ("Ana brought back “Dinner”, €48.60", "Ana a rétabli «~Dinner~», 48,60~€"),
    "EXPENSE_RESTORED": (
        "Ana went back to an earlier version of “Dinner”, €48.60",
        "Ana a rétabli une version antérieure~: «~Dinner~», 48,60~€",
    ),
    "COMMENT_ADDED": ("Ana commented on “Dinner”", "Ana a commenté «~Dinner~»"),
    "COMMENT_DELETED": (
        "Ana deleted a comment on “Dinner”",
        "Ana a supprimé un commentaire sur «~Dinner~»",
    ),
    "EVENT_PAINTED_GREEN": ("Ana made another change", "Ana a fait une autre modification"),
}


@pytest.mark.parametrize("kind", [*CHANGE_KINDS, "EVENT_PAINTED_GREEN"])
def test_every_kind_of_change_has_a_sentence(kind: str) -> None:
    """Whatever history holds, and what a later version may write into it, can be told."""
    resources: dict[str, Resource] = {"EXPENSE": expense(), "MEMBER": GUEST, "COMMENT": COMMENT}
    resource = resources.get(kind.partition("_")[0], EVENT)
    before = None if kind.endswith(("CREATED", "ADDED", "JOINED")) else resource
    happened = Change("evt_1", 3, kind, "mbr_ana", resource.id, before, resource, NOW)
    english, french = (
        visible(render(letter(happened, locale=each)).subject) for each in ("en", "fr")
    )
    assert (english, french) == (
        f"Lisbon trip: {SUBJECTS[kind][0]}",
        f"Lisbon trip~: {SUBJECTS[kind][1]}",
    )


def test_mail_about_what_is_left_out_alone() -> None:
    """Changes that are only counted still make a mail."""
    content = render(letter(left_out=1))
    assert content.subject == "Lisbon trip: 1 change"
    assert "1 more change is not listed here." in content.text


@pytest.mark.parametrize(
    ("counts", "english", "french"),
    [
        ((1,), "1 change in 1 event", "1 modification dans 1 événement"),
        ((2, 1), "3 changes in 2 events", "3 modifications dans 2 événements"),
        ((), "0 changes in 0 events", "0 modification dans 0 événement"),
    ],
)
def test_digest_counts_with_the_plurals_of_its_language(
    counts: tuple[int, ...], english: str, french: str
) -> None:
    """French counts zero in the singular, English does not."""
    happened = change("EVENT_ARCHIVED", EVENT, EVENT)
    news = [letter(*[happened] * count).news for count in counts]
    for locale, said in (("en", english), ("fr", french)):
        digest = DigestLetter(Reader("Dan", locale, "UTC"), news, NOW.date())
        assert visible(render(digest).subject).endswith(f": {said}")


def test_way_to_stop_is_told_and_linked() -> None:
    """The link is in text and HTML where there is one; the settings are named in any case."""
    link = "https://example.com/stop?a=1&b=2"
    happened = change("EVENT_ARCHIVED", EVENT, EVENT)
    content = render(letter(happened, unsubscribe_link=link))
    assert f"Stop mail about this event\n{link}\n" in content.text
    assert 'href="https://example.com/stop?a=1&amp;b=2"' in content.html
    without = render(letter(happened))
    assert "href" not in without.html
    assert "mute this event or turn mail off" in without.text


def test_lines_of_a_comment_stay_lines() -> None:
    """In plain text below each other, in HTML with line breaks; nothing in them is markup."""
    comment = replace(COMMENT, text="Was that\n\n\n\nwith <the> tip?\r\nBo\n")
    happened = Change("evt_1", 3, "COMMENT_ADDED", "mbr_ana", comment.id, None, comment, NOW)
    mail = render(letter(happened))
    assert "  “Was that\n  \n  with <the> tip?\n  Bo”\n" in mail.text
    assert "<br>" in mail.html
    assert "with &lt;the&gt; tip?" in mail.html
