"""Mails: from what happened to the bytes that a mail server takes. Nothing is sent from here."""
