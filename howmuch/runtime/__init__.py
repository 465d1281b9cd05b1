"""Mechanisms of a running program: start, stop, worker processes, sockets, certificates, caches."""
