"""Shared expenses, split to the last cent."""

from importlib.metadata import version
from pkgutil import extend_path

# The protobuf package is `howmuch.v1`, so its generated modules live in another tree (gen/python) under
# the name of this package. Extending the path lets both trees share the name, unrewritten.
__path__ = extend_path(__path__, __name__)

__version__ = version("howmuch")
