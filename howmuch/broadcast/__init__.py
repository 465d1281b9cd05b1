"""What processes tell each other at once, and could also find out by themselves a little later.

Nothing here is kept: a signal that is lost costs time and nothing else. Without Redis a process talks to
itself.
"""
