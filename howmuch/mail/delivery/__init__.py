"""Delivery of mails: from changes to letters for each recipient, and from letters to a mail server."""
