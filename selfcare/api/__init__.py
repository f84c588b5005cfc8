"""Self-care under /api/v1/."""

from selfcare.api import articles, callbacks

routes = [*articles.routes, *callbacks.routes]
