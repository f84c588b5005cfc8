"""Who acts on an exchange over REST."""

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from crm.models import Agent
from crm.services import access


def answering_agent(request: Request) -> Agent:
    """Whoever asks, as an agent who may answer customers. Raises PermissionDenied."""
    agent = access.agent_of(request.user)
    if agent is None or not request.user.has_perm("crm.change_interaction"):
        raise PermissionDenied(_("Only agents answer customers."))
    return agent
