"""One box over customers, identities, exchanges and every message, limited to what one may see.

`words` makes lexemes, `filling` writes them after the messages' commit, `messages` finds them."""

from .filling import fill
from .messages import BadCursor, Found, Hits, find_messages

__all__ = ["BadCursor", "Found", "Hits", "fill", "find_messages"]
