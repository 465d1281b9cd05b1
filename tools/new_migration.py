"""Write the migration that takes the newest revision to the tables as they are now.

Usage: new_migration.py MESSAGE
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from howmuch.storage import migrate

if __name__ == "__main__":
    with TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory, 'migration.db')}"
        migrate.upgrade(url)
        migrate.new_migration(url, sys.argv[1])
