"""Mechanisms of a running program: start, stop, workers, sockets, certificates, caches."""
