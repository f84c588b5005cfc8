"""A line of a chat, as a socket brings it."""

import uuid

from crm.models import Message
from crm.services.posting import Line


def said(interaction, text="Bonjour", *, author=Message.Author.CUSTOMER, agent=None, **more):
    return Line(
        interaction.pk,
        author,
        text,
        more.pop("client_id", str(uuid.uuid4())),
        agent_id=agent.pk if agent else None,
        **more,
    )
