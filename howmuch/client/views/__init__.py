"""The output of commands: tables and lines for people, or JSON for programs."""
