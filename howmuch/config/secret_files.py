"""Secrets in their own files, as Docker and Kubernetes mount them: `database.url_file`."""

from pathlib import Path

from howmuch.config.config_errors import ConfigError, Layer
from howmuch.config.keys import is_secret

SUFFIX = "_file"


def read_secret_files(layer: Layer) -> Layer:
    """Return the layer with the contents of files in place of their names.

    A newline at the end of a file is not part of the secret. Raises ConfigError if a file cannot be read, or
    if the layer also sets the secret itself.
    """
    plain: Layer = {}
    secrets: Layer = {}
    for key, (value, source) in layer.items():
        secret = key.removesuffix(SUFFIX)
        if key == secret or not is_secret(secret):
            plain[key] = (value, source)
        elif value is not None:  # None means a key without a value in a file.
            if layer.get(secret, (None, ""))[0] is not None:
                raise ConfigError(
                    f"{source}: {secret} is also set, by {layer[secret][1]}; set one of them"
                )
            secrets[secret] = (_read(Path(str(value)), source), f"file {value} ({source})")
    return plain | secrets


def _read(path: Path, source: str) -> str:
    try:
        return path.expanduser().read_text().removesuffix("\n")
    except OSError as error:
        raise ConfigError(f"{source}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{source}: {path} is not text in UTF-8") from None
