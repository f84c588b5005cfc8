"""Self-care in the console."""

from . import (
    article_room,
    articles,
    autonomy,
    call_log,
    callback,
    directory,
    editors,
    incident,
    incident_room,
    search,
    survey,
)

__all__ = [
    "article_room",
    "articles",
    "autonomy",
    "call_log",
    "callback",
    "directory",
    "editors",
    "incident",
    "incident_room",
    "search",
    "survey",
]
