"""howmuch beside I Hate Money on the same cores, by the same clients: how fast, and what becomes of edits."""
