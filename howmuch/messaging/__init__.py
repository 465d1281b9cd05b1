"""Messages out of the outbox to the broker, and from the broker to those who handle them."""
