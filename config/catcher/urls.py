"""Addresses of the catcher; included in the demo only."""

from django.urls import path

from config.catcher import views

app_name = "catcher"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("list/", views.fragment, name="list"),
    path("write/", views.write, name="write"),
    path("<str:key>/", views.show, name="show"),
    path("<str:key>/html/", views.html, name="html"),
    path("<str:key>/source/", views.source, name="source"),
]
