"""When this happened, that follows: one page, the kernel part of the automation."""

from typing import Any

from django.dispatch import receiver

from crm import events, registry
from crm.models import Queue
from crm.services import interactions, presence, routing


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
