"""What the benches of the chat run: the product as it is, without the limits on how fast one
visitor or address may be, and a bare echo beside it."""

import config.asgi  # first: it sets Django up
from chat import consumers
from crm.consumers import ConsoleConsumer
from crm.services import limits

UNLIMITED = (1e9, 1.0)
for kind in (consumers.VisitorConsumer, ConsoleConsumer):
    kind.lines_pace = kind.frames_pace = UNLIMITED
limits.allow = lambda *_args, **_kwargs: True


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
