"""A mirror of the site for the public, as files that nginx serves while nothing else is up."""

from .asking import Failed
from .files import Mirror

__all__ = ["Failed", "Mirror"]
