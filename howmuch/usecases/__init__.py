"""Use cases: one function per RPC, with its queries, and the rules that several of them share."""
