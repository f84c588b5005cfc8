"""Self-care in the console."""

from . import articles, call_log, callback, directory, incident, incident_room, search, survey

__all__ = [
    "articles",
    "call_log",
    "callback",
    "directory",
    "incident",
    "incident_room",
    "search",
    "survey",
]
