"""The way of a call to its decoded message: threads, waiting calls, places, and bounds of messages."""
