"""/ws/visitor/: what the widget's frame hears and says."""

from .visitor import VisitorConsumer

__all__ = ["VisitorConsumer"]
