"""The kernel's addresses: its pages live in the console's admin site, its feed on this socket."""

from django.urls import path

from crm.consumers import ConsoleConsumer

websocket_urlpatterns = [path("ws/console/", ConsoleConsumer.as_asgi())]
