"""The chat's own row, where the widget may live, and whom it invites."""

from .chat import Chat
from .invitation import Invitation
from .rule import InvitationRule
from .settings import Question, QueueSettings
from .site import Site

__all__ = ["Chat", "Invitation", "InvitationRule", "Question", "QueueSettings", "Site"]
