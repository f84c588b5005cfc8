"""The agent's live feed, and the base that every socket of ours stands on."""

from .base import SocketConsumer, in_thread
from .console import ConsoleConsumer

__all__ = ["ConsoleConsumer", "SocketConsumer", "in_thread"]
