"""What `bench.chat` runs under Daphne: the product as it is, without the limits on how fast one
visitor or address may be, and a bare echo beside it."""

from django.conf import settings

import config.asgi  # first: it sets Django up
from chat import consumers
from crm.consumers import ConsoleConsumer

UNLIMITED = (1e9, 1.0)
for kind in (consumers.VisitorConsumer, ConsoleConsumer):
    kind.lines_pace = kind.frames_pace = UNLIMITED
settings.SOCKETS_A_MINUTE = 1_000_000


async def application(scope, receive, send):
    if scope["type"] == "websocket" and scope["path"] == "/echo/":
        await _echo(receive, send)
    else:
        await config.asgi.application(scope, receive, send)


async def _echo(receive, send):
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.send", "text": message["text"]})
