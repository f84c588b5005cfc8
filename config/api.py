"""The REST API under /api/v1/: each app's routes, the schema, and its page."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import path
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

from config import api_docs

APPS = ["crm", "chat", "tickets", "selfcare"]

router = SimpleRouter()
for app in APPS:
    if find_spec(f"{app}.api") is not None:
        for prefix, viewset, basename in import_module(f"{app}.api").routes:
            router.register(prefix, viewset, basename)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", api_docs.page, name="api_docs"),
    *router.urls,
]
