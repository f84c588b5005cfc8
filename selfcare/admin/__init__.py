"""Self-care in the console."""

from . import callback, survey

__all__ = ["callback", "survey"]
