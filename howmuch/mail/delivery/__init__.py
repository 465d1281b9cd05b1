"""Who gets which mail, and when: from a change to letters, and from letters to a mail server."""
