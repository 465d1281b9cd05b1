"""`python -m howmuch` is the same as `howmuch`."""

from howmuch.cli import main

main()
