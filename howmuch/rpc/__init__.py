"""The gRPC edge: from messages to use cases and back. No rule of the domain lives here."""
