"""Self-care under /api/v1/."""

from selfcare.api import articles, callbacks, calls, incidents

routes = [*articles.routes, *callbacks.routes, *calls.routes, *incidents.routes]
