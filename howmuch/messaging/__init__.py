"""Messages: from the outbox to the broker, and from the broker to their handlers."""
