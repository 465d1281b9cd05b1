"""The words of the pages that links in mails lead to, in every language that mails are written in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConfirmWords:
    """The words of a page with one button. used: of a link that no longer works. taken: of the address."""

    title: str
    text: str
    button: str
    done_title: str
    done_text: str
    used: str
    taken: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """All words of one language. {event}: `quoted_event`, or `this_event` if the name is unknown."""

    language: str
    quoted_event: str
    this_event: str
    stop_title: str
    stop_text: str
    stop_all_title: str
    stop_all_text: str
    stop_button: str
    stopped_title: str
    stopped_text: str
    stopped_all_title: str
    stopped_all_text: str
    refuse_title: str
    refuse_text: str
    refuse_button: str
    refused_title: str
    refused_text: str
    verify: ConfirmWords
    change_email: ConfirmWords
    undo_email: ConfirmWords
    reset_title: str
    reset_text: str
    reset_field: str
    reset_rule: str
    reset_show: str
    reset_button: str
    reset_done_title: str
    reset_done_text: str
    reset_used: str
    wrong_length: str
    too_often: str
    unreachable: str
    no_script: str
    open_web_app: str


# The hyphen of “e‑mail” is one that no line breaks after (U+2011).
ENGLISH = Words(
    language="en",
    quoted_event="“{name}”",
    this_event="this event",
    stop_title="Stop mails about {event}?",
    stop_text="You stay in the event and see everything in it. Only the mails about it end.",
    stop_all_title="Stop mails about all your events?",
    stop_all_text="You stay in your events. Mails about your account itself, such as one with a link"
    " to a new password, still come.",
    stop_button="Stop these mails",
    stopped_title="You will get no more mails about {event}.",
    stopped_text="You can turn them on again in your howmuch settings at any time.",
    stopped_all_title="You will get no more mails about your events.",
    stopped_all_text="Mails about your account itself still come. You can turn all others on again in"
    " your howmuch settings at any time.",
    refuse_title="Never be invited again?",
    refuse_text="howmuch will mail no invitation to this address any more, whoever invites you.",
    refuse_button="Never invite me again",
    refused_title="You will get no more invitations.",
    refused_text="A link that a friend sends you in another way still works.",
    verify=ConfirmWords(
        title="Confirm your e\u2011mail address",
        text="Please confirm that this address is yours, so that howmuch can write to you.",
        button="Confirm the address",
        done_title="Your address is confirmed",
        done_text="Thank you. You can close this page.",
        used="This link has been used already, or it has expired.",
    ),
    change_email=ConfirmWords(
        title="Change the address of your account",
        text="Your howmuch account will have this e\u2011mail address: you log in with it, and get your mails"
        " here. If you did not ask for this, close this page.",
        button="Change the address",
        done_title="Your address is changed",
        done_text="Log in with it from now on. You can close this page.",
        used="This link has been used already, or it no longer works. Ask for a new one.",
        taken="This address cannot be used: it belongs to an account.",
    ),
    undo_email=ConfirmWords(
        title="Undo the change of your address",
        text="Your howmuch account will have its former e\u2011mail address again, to which this link was"
        " mailed. Every device that is logged in now will have to log in again.",
        button="Undo the change",
        done_title="Your account has its former address again",
        done_text="Choose a new password now: a mail with a link is on its way to you.",
        used="This link has been used already, or it no longer works.",
        taken="This address cannot be used: it belongs to another account.",
    ),
    reset_title="Choose a new password",
    reset_text="Every device that is logged in now will have to log in again.",
    reset_field="New password",
    reset_rule="10 to 256 characters. A few words that nobody would put together are easy to remember"
    " and hard to guess.",
    reset_show="Show the password",
    reset_button="Set the password",
    reset_done_title="Your new password is set",
    reset_done_text="Log in with it from now on. You can close this page.",
    reset_used="This link has been used already, or it has expired. Ask for a new one.",
    wrong_length="A password has 10 to 256 characters.",
    too_often="That was too often. Please try again in a minute.",
    unreachable="The server does not answer. Check your connection and try again.",
    no_script="This page needs JavaScript. Turn it on and load the page again.",
    open_web_app="Open howmuch",
)

# Before : » stands a no-break space (U+00A0), before ? ! ; a narrow one (U+202F), as in the mails.
FRENCH = Words(
    language="fr",
    quoted_event="«\u00a0{name}\u00a0»",
    this_event="cet événement",
    stop_title="Ne plus recevoir d’e\u2011mails sur {event}\u202f?",
    stop_text="Vous restez dans l’événement et continuez à tout y voir. Seuls les e\u2011mails cessent.",
    stop_all_title="Ne plus recevoir d’e\u2011mails sur vos événements\u202f?",
    stop_all_text="Vous restez dans vos événements. Les e\u2011mails sur votre compte lui-même, comme celui"
    " qui permet de choisir un nouveau mot de passe, vous parviendront toujours.",
    stop_button="Ne plus les recevoir",
    stopped_title="Vous ne recevrez plus d’e\u2011mails sur {event}.",
    stopped_text="Vous pouvez les réactiver à tout moment dans vos réglages howmuch.",
    stopped_all_title="Vous ne recevrez plus d’e\u2011mails sur vos événements.",
    stopped_all_text="Les e\u2011mails sur votre compte lui-même vous parviendront toujours. Vous pouvez"
    " réactiver les autres à tout moment dans vos réglages howmuch.",
    refuse_title="Ne plus jamais être invité\u202f?",
    refuse_text="howmuch n’enverra plus d’invitation à cette adresse, qui que ce soit qui vous invite.",
    refuse_button="Ne plus jamais m’inviter",
    refused_title="Vous ne recevrez plus d’invitations.",
    refused_text="Un lien que quelqu’un vous envoie autrement fonctionne toujours.",
    verify=ConfirmWords(
        title="Confirmez votre adresse e\u2011mail",
        text="Merci de confirmer que cette adresse est la vôtre, pour que howmuch puisse vous écrire.",
        button="Confirmer l’adresse",
        done_title="Votre adresse est confirmée",
        done_text="Merci. Vous pouvez fermer cette page.",
        used="Ce lien a déjà servi ou a expiré.",
    ),
    change_email=ConfirmWords(
        title="Changer l’adresse de votre compte",
        text="Votre compte howmuch aura cette adresse e\u2011mail\u00a0: vous vous connecterez avec elle et y"
        " recevrez vos e\u2011mails. Si vous ne l’avez pas demandé, fermez cette page.",
        button="Changer l’adresse",
        done_title="Votre adresse est changée",
        done_text="Utilisez-la dès maintenant pour vous connecter. Vous pouvez fermer cette page.",
        used="Ce lien a déjà servi ou n’est plus valable. Demandez-en un nouveau.",
        taken="Cette adresse ne peut pas être utilisée\u00a0: elle appartient à un compte.",
    ),
    undo_email=ConfirmWords(
        title="Annuler le changement d’adresse",
        text="Votre compte howmuch retrouvera son ancienne adresse e\u2011mail, à laquelle ce lien a été"
        " envoyé. Il faudra se reconnecter sur tous les appareils actuellement connectés.",
        button="Annuler le changement",
        done_title="Votre compte a retrouvé son ancienne adresse",
        done_text="Choisissez maintenant un nouveau mot de passe\u00a0: vous recevez un e\u2011mail avec un"
        " lien.",
        used="Ce lien a déjà servi ou n’est plus valable.",
        taken="Cette adresse ne peut pas être utilisée\u00a0: elle appartient à un autre compte.",
    ),
    reset_title="Choisissez un nouveau mot de passe",
    reset_text="Il faudra se reconnecter sur tous les appareils actuellement connectés.",
    reset_field="Nouveau mot de passe",
    reset_rule="10 à 256 caractères. Quelques mots que personne n’assemblerait sont faciles à retenir"
    " et difficiles à deviner.",
    reset_show="Afficher le mot de passe",
    reset_button="Enregistrer le mot de passe",
    reset_done_title="Votre nouveau mot de passe est enregistré",
    reset_done_text="Utilisez-le dès maintenant pour vous connecter. Vous pouvez fermer cette page.",
    reset_used="Ce lien a déjà servi ou a expiré. Demandez-en un nouveau.",
    wrong_length="Un mot de passe compte 10 à 256 caractères.",
    too_often="Trop de tentatives. Réessayez dans une minute.",
    unreachable="Le serveur ne répond pas. Vérifiez votre connexion et réessayez.",
    no_script="Cette page a besoin de JavaScript. Activez-le, puis rechargez la page.",
    open_web_app="Ouvrir howmuch",
)

_LANGUAGES = {words.language: words for words in (ENGLISH, FRENCH)}


def find_words(locale: str) -> Words:
    """The words for a locale such as `fr-CA`; English for an unknown language."""
    return _LANGUAGES.get(locale.partition("-")[0].lower(), ENGLISH)
