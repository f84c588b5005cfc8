"""Self-care under /api/v1/."""

from selfcare.api import articles, callbacks, incidents

routes = [*articles.routes, *callbacks.routes, *incidents.routes]
