"""HTTP and sockets, for any ASGI server. Daphne is the product's."""

import asyncio
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("DB_POOL", "1")

from django.core.asgi import get_asgi_application

pages = get_asgi_application()  # before anything that needs the apps

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402

from chat.urls import websocket_urlpatterns as visitor_sockets  # noqa: E402
from config import memory  # noqa: E402
from crm.urls import websocket_urlpatterns as console_sockets  # noqa: E402

# Both sockets are opened by pages of ours (the widget's frame too), so that a foreign page, or no
# Origin at all, is refused at the handshake.
sockets = AllowedHostsOriginValidator(
    AuthMiddlewareStack(URLRouter([*console_sockets, *visitor_sockets]))
)

_answering: set[asyncio.Task[None]] = set()


async def to_the_end(scope: Any, receive: Any, send: Any) -> None:
    """A page whose reader has left, and which Daphne would kill after ten seconds, still ends by
    itself: Django gives its database connection back at the end, and a pool that loses one with
    each impatient reader is soon empty for good."""
    page = asyncio.create_task(pages(scope, receive, send))
    _answering.add(page)  # the loop itself holds tasks weakly
    page.add_done_callback(_answering.discard)
    await asyncio.shield(page)


application = ProtocolTypeRouter({"http": to_the_end, "websocket": sockets})
memory.settle()
