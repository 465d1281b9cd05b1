"""A lock that one process at a time holds, and that ends with its process."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """On a file of its own, which stays. Any process of this machine may ask for it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Whether this process holds it now. False: another one does."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Lets another process take it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
