"""Broadcast between processes, of facts that each process could also read from the database a little later.

Messages are not stored: a lost one costs only time. Without Redis a process talks to itself.
"""
