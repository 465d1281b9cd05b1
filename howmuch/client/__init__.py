"""Client of a howmuch server: calls over gRPC, and the demo built of them."""
