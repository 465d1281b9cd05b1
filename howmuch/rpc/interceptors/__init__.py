"""Interceptors, one concern each. `howmuch.rpc.server` puts them in order."""
