"""Interceptors, one concern each. `howmuch.rpc.grpc_server` puts them in order."""
