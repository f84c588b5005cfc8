"""When this happened, that follows: one page, the kernel part of the automation."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy

from crm import events, registry
from crm.models import (
    Consent,
    Customer,
    CustomerGrant,
    Identity,
    Interaction,
    Note,
    Participant,
    Queue,
    Visit,
)
from crm.registry import Belonging
from crm.services import customers, interactions, presence, routing, search


@receiver(events.interaction_waiting)
def give_to_a_free_agent(interaction_id: int, **_: Any) -> None:
    """At once, in this process. Net: crm.tasks.route."""
    routing.assign_one(interaction_id)


@receiver(events.place_freed)
def fill_the_place(agent_id: int, **_: Any) -> None:
    """Whoever waits in this agent's queues is next. Net: crm.tasks.route."""
    for queue in Queue.objects.filter(skills__agent=agent_id):
        routing.drain(queue)


registry.register_sweep("absent agents", presence.mark_absent)
registry.register_sweep("wrap-ups at their end", interactions.finish_wrap_ups)
registry.register_sweep("pending whose time has come", interactions.wake_due)
registry.register_sweep("waiting without an agent", routing.drain)
registry.register_sweep("rows of merged customers", customers.collect_strays)

for _belonging in [
    Belonging("identities", gettext_lazy("identities"), Identity),
    Belonging("interactions", gettext_lazy("exchanges"), Interaction, interaction="pk"),
    Belonging("visits", gettext_lazy("visits"), Visit),
    Belonging("notes", gettext_lazy("notes"), Note),
    Belonging("consents", gettext_lazy("consents"), Consent),
    Belonging("grants", gettext_lazy("colleagues let in"), CustomerGrant, once_per="user"),
    Belonging("tags", gettext_lazy("tags"), Customer.tags.through, once_per="tag"),
    Belonging(
        "participants",
        gettext_lazy("parts taken in exchanges"),
        Participant,
        interaction="interaction",
        once_per="interaction",
    ),
]:
    registry.register_belonging(_belonging)
registry.register_sweep("messages without words", search.fill)
