"""Tables, engine and migrations for SQLite and PostgreSQL."""
