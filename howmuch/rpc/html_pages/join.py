"""The page of an invitation: its event and members, and the way in: the web app, or a form to join."""

import json
from collections.abc import Sequence

import grpc
from babel.dates import format_date
from google.api.httpbody_pb2 import HttpBody
from markupsafe import Markup, escape

from howmuch.model import Role
from howmuch.rpc.html_pages.join_words import JoinWords
from howmuch.rpc.html_pages.rendering import render_page
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases.invitation_preview import Preview
from howmuch.usecases.usable_invitations import Refusal, Unusable


def ask_to_join(
    context: grpc.ServicerContext, words: JoinWords, token: str, preview: Preview, links: PageLinks
) -> HttpBody:
    """A page that joins: by links into the web app, or without it, by a form to sign up or log in.

    It holds the token, which its reader has.
    """
    event, inviter = _name(preview.event_name), _name(preview.inviter_name)
    is_named = preview.invitation.member_id is not None and bool(preview.guests)
    expire_time = preview.invitation.expire_time
    template, script = ("choose.html", "") if links.web_app else ("join.html", "join.js")
    return render_page(
        context,
        template,
        words,
        script=script,
        page_url=links.invitation.replace("{token}", token),
        web_app=links.web_app,
        title=_said(words.title, inviter=inviter, event=event),
        preview=preview,
        token=token,
        members=_members(words, preview),
        guest_names=_listed([guest.name for guest in preview.guests]),
        choices=() if is_named else preview.guests,
        as_guest=_said(words.as_guest, name=_name(preview.guests[0].name)) if is_named else "",
        role={Role.VIEWER: words.viewer, Role.EDITOR: words.editor, Role.OWNER: words.owner}[
            preview.invitation.role
        ],
        until=format_date(expire_time, "long", locale=words.language),
        until_machine=expire_time.isoformat(timespec="seconds"),
        join=_said(words.join, event=event),
        done_title=_said(words.done_title, event=event),
        command=links.join_command.replace("{token}", token),
        log_in_command=links.log_in_command,
        faults=json.dumps(_faults(words)),
    )


def say_unusable(
    context: grpc.ServicerContext, words: JoinWords, refusal: Refusal, links: PageLinks
) -> HttpBody:
    """A page that says why an invitation cannot be used, and where to get a new one.

    Beside the web app it names the person who invited, and has a link to the web app.
    """
    title, text = {
        Unusable.UNKNOWN: words.why_unknown,
        Unusable.USED: words.why_used,
        Unusable.EXPIRED: words.why_expired,
        Unusable.REVOKED: words.why_revoked,
        Unusable.ENDED: words.why_ended,
        Unusable.ARCHIVED: words.why_archived,
    }[refusal.why]
    inviter = escape(words.the_inviter)
    if links.web_app and refusal.inviter_name:
        inviter = _name(refusal.inviter_name)
    text = _said(text, inviter=inviter)
    open_url = "/" if links.web_app else ""
    return render_page(context, "done.html", words, title=title, text=text, open_url=open_url)


def _name(name: str) -> Markup:
    """A name that may be in a script that runs the other way."""
    return Markup("<bdi>{}</bdi>").format(name)


def _said(sentence: str, **names: Markup) -> Markup:
    return escape(sentence).format(**names)


def _listed(names: Sequence[str]) -> Markup:
    return Markup(", ").join(_name(name) for name in names)


def _members(words: JoinWords, preview: Preview) -> Markup:
    listed = _listed(preview.member_names)
    more = preview.member_count - len(preview.member_names)
    return escape(words.more).format(names=listed, count=more) if more else listed


def _faults(words: JoinWords) -> dict[str, str]:
    """The sentence of each reason of an error that a person can meet here."""
    return {
        "EMAIL_TAKEN": words.email_taken,
        "EMAIL_MALFORMED": words.email_malformed,
        "CREDENTIALS_WRONG": words.credentials,
        "PASSWORD_LENGTH": words.wrong_length,
        "PASSWORD_TOO_COMMON": words.too_common,
        "NAME_LOOKS_LIKE_ANOTHER": words.name_taken,
        "FIELD_REQUIRED": words.name_wrong,
        "CHARACTER_NOT_ALLOWED": words.name_wrong,
        "TEXT_TOO_LONG": words.name_wrong,
        "GUEST_TAKEN": words.guest_taken,
        "GUEST_NEEDS_OWNER": words.guest_needs_owner,
        "INVITATION_BEFORE_LEAVING": words.before_leaving,
        "BARRED": words.barred,
        "EVENT_ARCHIVED": words.archived,
        "INVITATION_NOT_FOUND": words.gone,
        "TOO_MANY_REQUESTS": words.too_often,
        "TOO_MANY_PASSWORD_CHECKS": words.too_often,
    }
