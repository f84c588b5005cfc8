"""Self-care under /api/v1/."""

from selfcare.api import articles, callbacks, calls, directory, incidents, search, versions

routes = [
    *articles.routes,
    *callbacks.routes,
    *calls.routes,
    *directory.routes,
    *incidents.routes,
    *search.routes,
    *versions.routes,
]
