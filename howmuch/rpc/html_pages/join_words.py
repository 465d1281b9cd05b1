"""The words of the page of an invitation, in every language that mails are written in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class JoinWords:
    """All words of one language. why_*: title and text of a page for an invitation that cannot be used.

    {inviter}: a name, or `the_inviter` if the page does not tell it.
    """

    language: str
    title: str
    about: str
    members: str
    more: str
    guests: str
    currency: str
    role: str
    viewer: str
    editor: str
    owner: str
    until: str
    who: str
    somebody_new: str
    i_am_new: str
    as_guest: str
    account: str
    sign_up: str
    log_in: str
    name: str
    name_rule: str
    email: str
    password: str
    password_rule: str
    show: str
    join: str
    for_developers: str
    terminal: str
    done_title: str
    done_text: str
    next_title: str
    next_install: str
    next_app: str
    open_web_app: str
    the_inviter: str
    why_unknown: tuple[str, str]
    why_used: tuple[str, str]
    why_expired: tuple[str, str]
    why_revoked: tuple[str, str]
    why_ended: tuple[str, str]
    why_archived: tuple[str, str]
    email_taken: str
    email_malformed: str
    credentials: str
    wrong_length: str
    too_common: str
    name_taken: str
    name_wrong: str
    guest_taken: str
    guest_needs_owner: str
    before_leaving: str
    barred: str
    archived: str
    gone: str
    too_often: str
    unreachable: str
    no_script: str


ENGLISH = JoinWords(
    language="en",
    title="{inviter} invites you to {event}",
    about="With howmuch, friends share the costs of a trip, a flat or an evening, and see at any time who"
    " owes whom.",
    members="Members",
    more="{names} and {count} more",
    guests="Guests",
    currency="Currency",
    role="You will",
    viewer="see all expenses and who owes whom",
    editor="see who owes whom, and add and change expenses",
    owner="see who owes whom, and change expenses, members and the event",
    until="Works until",
    who="Which of these are you?",
    somebody_new="Somebody new",
    i_am_new="I am somebody new",
    as_guest="You join as {name}, with all expenses that are shared with this name.",
    account="Your account",
    sign_up="I am new to howmuch",
    log_in="I have an account",
    name="Your name",
    name_rule="The members of the event see it.",
    email="E\u2011mail address",
    password="Password",  # noqa: S106 - a label
    password_rule="10 to 256 characters. A few words that nobody would put together are easy to remember"  # noqa: S106 - a label
    " and hard to guess.",
    show="Show the password",
    join="Join {event}",
    for_developers="For developers",
    terminal="Or join in a terminal, with the command line of howmuch:",
    done_title="You have joined {event}",
    done_text="Your account is {email}. Confirm this address by the link that howmuch mails to it.",
    next_title="What you can do next",
    next_install="See the event and add expenses in a terminal, after you have installed howmuch:",
    next_app="Programs can use the API of this server.",
    open_web_app="Open howmuch",
    the_inviter="the person who invited you",
    why_unknown=(
        "This is no invitation",
        "The link is incomplete or wrong. Open it again from the message that you got, or ask"
        " {inviter} for a new one.",
    ),
    why_used=(
        "This invitation has been used",
        "As many people have joined by it as it was meant for. If you are one of them, you are in the"
        " event already: log in. If not, ask {inviter} for a new invitation.",
    ),
    why_expired=(
        "This invitation has expired",
        "It worked for a limited time. Ask {inviter} for a new one.",
    ),
    why_revoked=(
        "This invitation was revoked",
        "A member of the event has taken it back. Ask {inviter} whether they will send a new one.",
    ),
    why_ended=(
        "This invitation no longer works",
        "The event was deleted, or the person who invited you may not invite to it any more. Ask them, or"
        " another member.",
    ),
    why_archived=(
        "This event is archived",
        "New members cannot join it now. Ask {inviter} to reopen it; then this link works again.",
    ),
    email_taken="This address has an account already. Choose “I have an account” and log in with it.",
    email_malformed="This is not an e\u2011mail address. It looks like ana@example.com.",
    credentials="The address or the password is wrong. Check both, and try again.",
    wrong_length="A password has 10 to 256 characters.",
    too_common="This password is easy to guess. Choose another one.",
    name_taken="Your name looks like that of another member. Write it so that it differs visibly.",
    name_wrong="A name has 1 to 200 visible characters on one line.",
    guest_taken="Another person has just taken this name. Load the page again and choose another one.",
    guest_needs_owner="Only an owner of the event can invite you to take over this guest. Ask one, or choose"
    " another name.",
    before_leaving="This invitation was made before you left the event. Ask a member for a new one.",
    barred="An owner has barred you from this event. Ask an owner to lift that.",
    archived="This event is archived, so new members cannot join. Ask an owner to unarchive it.",
    gone="This invitation no longer works. Load the page again to see why.",
    too_often="That was too often. Please try again in a minute.",
    unreachable="The server does not answer. Check your connection and try again.",
    no_script="This page needs JavaScript. Turn it on and load the page again.",
)

# Before : » stands a no-break space (U+00A0), before ? ! ; a narrow one (U+202F), as in the mails.
FRENCH = JoinWords(
    language="fr",
    title="{inviter} vous invite à {event}",
    about="Avec howmuch, on partage entre amis les dépenses d’un voyage, d’une colocation ou d’une soirée,"
    " et on voit à tout moment qui doit combien à qui.",
    members="Membres",
    more="{names} et {count} autres",
    guests="Invités",
    currency="Devise",
    role="Vous pourrez",
    viewer="voir toutes les dépenses et qui doit combien à qui",
    editor="voir qui doit combien à qui, ajouter et modifier des dépenses",
    owner="voir qui doit combien à qui, modifier les dépenses, les membres et l’événement",
    until="Valable jusqu’au",
    who="Qui êtes-vous\u202f?",
    somebody_new="Quelqu’un d’autre",
    i_am_new="Je suis quelqu’un d’autre",
    as_guest="Vous rejoignez l’événement à la place de {name}, avec toutes les dépenses partagées sous ce"
    " nom.",
    account="Votre compte",
    sign_up="Je découvre howmuch",
    log_in="J’ai déjà un compte",
    name="Votre nom",
    name_rule="Les membres de l’événement le voient.",
    email="Adresse e\u2011mail",
    password="Mot de passe",  # noqa: S106 - a label
    password_rule="10 à 256 caractères. Quelques mots que personne n’assemblerait sont faciles à retenir"  # noqa: S106 - a label
    " et difficiles à deviner.",
    show="Afficher le mot de passe",
    join="Rejoindre {event}",
    for_developers="Pour les développeurs",
    terminal="Ou dans un terminal, avec la ligne de commande de howmuch\u00a0:",
    done_title="Vous avez rejoint {event}",
    done_text="Votre compte est {email}. Confirmez cette adresse par le lien que howmuch y envoie.",
    next_title="Et maintenant\u202f?",
    next_install="Consultez l’événement et ajoutez des dépenses dans un terminal, après avoir installé"
    " howmuch\u00a0:",
    next_app="Les programmes peuvent utiliser l’API de ce serveur.",
    open_web_app="Ouvrir howmuch",
    the_inviter="la personne qui vous a invité",
    why_unknown=(
        "Ceci n’est pas une invitation",
        "Le lien est incomplet ou faux. Ouvrez-le de nouveau depuis le message reçu, ou demandez-en un"
        " nouveau à {inviter}.",
    ),
    why_used=(
        "Cette invitation a déjà servi",
        "Autant de personnes que prévu l’ont utilisée. Si vous en faites partie, vous êtes déjà dans"
        " l’événement\u00a0: connectez-vous. Sinon, demandez une nouvelle invitation à {inviter}.",
    ),
    why_expired=(
        "Cette invitation a expiré",
        "Elle était valable un temps limité. Demandez-en une nouvelle à {inviter}.",
    ),
    why_revoked=(
        "Cette invitation a été annulée",
        "Un membre de l’événement l’a retirée. Demandez à {inviter} si elle en enverra une nouvelle.",
    ),
    why_ended=(
        "Cette invitation n’est plus valable",
        "L’événement a été supprimé, ou la personne qui vous a invité ne peut plus y inviter. Adressez-vous"
        " à elle ou à un autre membre.",
    ),
    why_archived=(
        "Cet événement est archivé",
        "Plus personne ne peut le rejoindre pour l’instant. Demandez à {inviter} de le rouvrir"
        "\u202f; ce lien fonctionnera de nouveau.",
    ),
    email_taken="Cette adresse a déjà un compte. Choisissez «\u00a0J’ai déjà un compte\u00a0» et"
    " connectez-vous.",
    email_malformed="Ce n’est pas une adresse e\u2011mail. Elle ressemble à ana@example.com.",
    credentials="L’adresse ou le mot de passe est faux. Vérifiez les deux et réessayez.",
    wrong_length="Un mot de passe compte 10 à 256 caractères.",
    too_common="Ce mot de passe est facile à deviner. Choisissez-en un autre.",
    name_taken="Votre nom ressemble à celui d’un autre membre. Écrivez-le de façon visiblement différente.",
    name_wrong="Un nom compte 1 à 200 caractères visibles sur une ligne.",
    guest_taken="Quelqu’un d’autre vient de prendre ce nom. Rechargez la page et choisissez-en un autre.",
    guest_needs_owner="Seul un propriétaire de l’événement peut vous inviter à reprendre ce nom."
    " Demandez-le-lui, ou choisissez un autre nom.",
    before_leaving="Cette invitation date d’avant votre départ de l’événement. Demandez-en une nouvelle à un"
    " membre.",
    barred="Un propriétaire vous a exclu de cet événement. Demandez-lui de lever l’exclusion.",
    archived="Cet événement est archivé et personne ne peut le rejoindre. Demandez à un propriétaire de le"
    " désarchiver.",
    gone="Cette invitation n’est plus valable. Rechargez la page pour savoir pourquoi.",
    too_often="Trop de tentatives. Réessayez dans une minute.",
    unreachable="Le serveur ne répond pas. Vérifiez votre connexion et réessayez.",
    no_script="Cette page a besoin de JavaScript. Activez-le, puis rechargez la page.",
)

_MOST_LANGUAGES = 20
_LANGUAGES = {words.language: words for words in (ENGLISH, FRENCH)}


def accepted_words(accept_language: str) -> JoinWords:
    """The words of the language that `Accept-Language` prefers of ours (RFC 9110, 12.5.4), else English."""
    best, weight = ENGLISH, 0.0
    for part in accept_language.split(",")[:_MOST_LANGUAGES]:
        tag, _, parameter = part.partition(";")
        words = _LANGUAGES.get(tag.strip().partition("-")[0].lower())
        given = _weight(parameter)
        if words and given > weight:
            best, weight = words, given
    return best


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
