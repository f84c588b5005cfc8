"""HTTP and sockets, for any ASGI server. Daphne is the product's."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DB_POOL", "1")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # before anything that needs the apps

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from chat.urls import websocket_urlpatterns as visitor_sockets  # noqa: E402
from crm.urls import websocket_urlpatterns as console_sockets  # noqa: E402

# Both sockets are opened by pages of ours (the widget's frame too), so that a foreign page, or no
# Origin at all, is refused at the handshake.
sockets = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter([*console_sockets, *visitor_sockets]))
)

application = ProtocolTypeRouter({"http": pages, "websocket": sockets})
