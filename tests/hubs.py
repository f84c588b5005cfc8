"""A hub outlives its test unless somebody ends it; in the product a process just dies."""

import asyncio

from crm import hub


async def shut_down() -> None:
    """End the running loop's hub."""
    ours = hub._hubs.pop(asyncio.get_running_loop(), None)
    if ours is not None:
        # one that meets a connection being made can be swallowed: say it until it is heard
        while not ours._listener.done():
            ours._listener.cancel()
            await asyncio.wait([ours._listener], timeout=0.2)
