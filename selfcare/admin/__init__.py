"""Self-care in the console."""

from . import articles, callback, survey

__all__ = ["articles", "callback", "survey"]
