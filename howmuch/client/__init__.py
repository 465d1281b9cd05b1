"""What talks to a howmuch server from outside: calls over gRPC, and the demo built of them."""
