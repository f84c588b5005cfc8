"""Self-care in the console."""

from . import (
    article_files,
    article_room,
    article_text,
    articles,
    autonomy,
    call_log,
    callback,
    closed_loop,
    directory,
    editors,
    incident,
    incident_room,
    search,
    survey,
    survey_designer,
)

__all__ = [
    "article_files",
    "article_room",
    "article_text",
    "articles",
    "autonomy",
    "call_log",
    "callback",
    "closed_loop",
    "directory",
    "editors",
    "incident",
    "incident_room",
    "search",
    "survey",
    "survey_designer",
]
