"""The content of mails: from a letter to the bytes that a mail server takes. `delivery` sends them."""
