"""The pages that links in mails lead to. The page of an invitation is in `join`."""

from urllib.parse import urlencode

import grpc
from google.api.httpbody_pb2 import HttpBody
from markupsafe import Markup, escape

from howmuch.rpc.html_pages.rendering import render_page
from howmuch.rpc.html_pages.words import ConfirmWords, Words, find_words
from howmuch.rpc.server_options import PageLinks
from howmuch.usecases.unsubscribe import MailSubject


def ask_to_unsubscribe(
    context: grpc.ServicerContext, token: str, event_id: str, subject: MailSubject
) -> HttpBody:
    """A page with a button that ends mails, by a plain form. It says no more than the mail did."""
    words = find_words(subject.locale)
    query = f"?{urlencode({'eventId': event_id})}" if event_id else ""
    if subject.invitations:
        return render_page(
            context,
            "unsubscribe.html",
            words,
            title=words.refuse_title,
            text=words.refuse_text,
            button=words.refuse_button,
            action=f"/v1/mail/{token}:unsubscribe",
        )
    about_all = subject.event_name is None
    return render_page(
        context,
        "unsubscribe.html",
        words,
        button=words.stop_button,
        title=words.stop_all_title if about_all else _about(words.stop_title, words, subject),
        text=words.stop_all_text if about_all else words.stop_text,
        action=f"/v1/mail/{token}:unsubscribe{query}",
    )


def say_unsubscribed(
    context: grpc.ServicerContext, subject: MailSubject, links: PageLinks
) -> HttpBody:
    """A page that says which mails have ended. The owner of an address without an account gets no link."""
    words = find_words(subject.locale)
    if subject.invitations:
        title, text = words.refused_title, words.refused_text
        return render_page(context, "done.html", words, title=title, text=text, open_url="")
    about_all = subject.event_name is None
    return render_page(
        context,
        "done.html",
        words,
        title=words.stopped_all_title if about_all else _about(words.stopped_title, words, subject),
        text=words.stopped_all_text if about_all else words.stopped_text,
        open_url=_in_web_app("/", links),
    )


def ask_to_verify(
    context: grpc.ServicerContext, token: str, locale: str, links: PageLinks
) -> HttpBody:
    """A page with a button that verifies an address."""
    words = find_words(locale)
    return _confirm(context, words, words.verify, token, "/v1/users:verifyEmail", links)


def ask_to_change_email(
    context: grpc.ServicerContext, token: str, locale: str, links: PageLinks
) -> HttpBody:
    """A page with a button that changes the address of an account."""
    words = find_words(locale)
    return _confirm(
        context, words, words.change_email, token, "/v1/users:confirmEmailChange", links
    )


def ask_to_undo_email_change(
    context: grpc.ServicerContext, token: str, locale: str, links: PageLinks
) -> HttpBody:
    """A page with a button that returns the former address to an account."""
    words = find_words(locale)
    return _confirm(context, words, words.undo_email, token, "/v1/users:undoEmailChange", links)


def _confirm(
    context: grpc.ServicerContext,
    words: Words,
    page: ConfirmWords,
    token: str,
    url: str,
    links: PageLinks,
) -> HttpBody:
    """A page with a button that posts the token to the URL."""
    return render_page(
        context,
        "confirm.html",
        words,
        script="page.js",
        title=page.title,
        page=page,
        token=token,
        url=url,
        open_url=_in_web_app("/", links),
    )


def ask_for_password(
    context: grpc.ServicerContext, token: str, locale: str, links: PageLinks
) -> HttpBody:
    """A page that takes a new password. It ends all sessions, so the next step is to log in."""
    words = find_words(locale)
    return render_page(
        context,
        "reset.html",
        words,
        script="page.js",
        title=words.reset_title,
        token=token,
        open_url=_in_web_app("/login", links),
    )


def _in_web_app(path: str, links: PageLinks) -> str:
    """A path of the web app, which is on the origin of the page. Empty without it."""
    return path if links.web_app else ""


def _about(sentence: str, words: Words, subject: MailSubject) -> Markup:
    """A sentence with the event in it. Its name may be in a script that runs the other way."""
    event = escape(words.this_event)
    if subject.event_name:
        name = Markup("<bdi>{}</bdi>").format(subject.event_name)
        event = escape(words.quoted_event).format(name=name)
    return escape(sentence).format(event=event)
