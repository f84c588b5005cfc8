"""Self-care in the console."""

from . import (
    article_files,
    article_room,
    article_text,
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
    "article_files",
    "article_room",
    "article_text",
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
