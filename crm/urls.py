"""The kernel's addresses: its pages live in the console's admin site, its feed on this socket."""

from django.urls import path

from crm import views
from crm.consumers import ConsoleConsumer

urlpatterns = [path("file/<str:token>/", views.file, name="file")]

websocket_urlpatterns = [path("ws/console/", ConsoleConsumer.as_asgi())]
