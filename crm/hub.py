"""Per web process: group → sockets, fed by one Redis subscription. (being written)"""

from typing import Any


def publish(frames: list[tuple[str, dict[str, Any]]]) -> None:
    """Hand frames to every process' sockets. Never raises, never waits long."""
