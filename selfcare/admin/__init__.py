"""Self-care in the console."""

from . import articles, callback, incident, incident_room, survey

__all__ = ["articles", "callback", "incident", "incident_room", "survey"]
