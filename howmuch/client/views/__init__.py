"""What commands print: answers of the server as tables and lines for people, or as JSON for programs."""
