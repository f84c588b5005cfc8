"""What a loop's sockets start outlives their test unless somebody ends it; in the product a
process just dies."""

import asyncio

from asgiref.sync import sync_to_async
from django.db import connections

from crm import hub
from crm.services import writer


async def leave_nothing_open() -> None:
    """End the running loop's hub, the writer and every thread's connections."""
    await shut_down()
    await asyncio.to_thread(writer.stop)
    await sync_to_async(connections.close_all)()


async def shut_down() -> None:
    """End the running loop's hub."""
    ours = hub._hubs.pop(asyncio.get_running_loop(), None)
    if ours is not None:
        # one that meets a connection being made can be swallowed: say it until it is heard
        while not ours._listener.done():
            ours._listener.cancel()
            await asyncio.wait([ours._listener], timeout=0.2)
