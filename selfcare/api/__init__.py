"""Self-care under /api/v1/."""

from selfcare.api import (
    articles,
    autonomy,
    callbacks,
    calls,
    directory,
    incidents,
    search,
    surveys,
    versions,
)

routes = [
    *articles.routes,
    *autonomy.routes,
    *callbacks.routes,
    *calls.routes,
    *directory.routes,
    *incidents.routes,
    *search.routes,
    *surveys.routes,
    *versions.routes,
]
