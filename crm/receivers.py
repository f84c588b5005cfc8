"""When this happened, that follows: one page, the kernel part of the automation."""

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy

from crm import events, registry
from crm.models import (
    Block,
    Consent,
    Customer,
    CustomerGrant,
    Identity,
    Interaction,
    LegalHold,
    Note,
    Participant,
    PrivacyRequest,
    Visit,
)
from crm.registry import Belonging, PersonalPart, Retention
from crm.reports import mailing
from crm.reports.rollup import build
from crm.services import (
    audit,
    bulk,
    bulk_acts,
    capacity,
    customers,
    drafts,
    files,
    interactions,
    noting,
    pauses,
    presence,
    privacy,
    routing,
    search,
    shifts,
    targets,
    transfer,
)
from crm.services.customers import in_words
from crm.services.privacy import kernel, purposes
from crm.services.routing import upkeep


@receiver(events.interaction_waiting)
def give_to_a_free_agent(interaction_id: int, **_: Any) -> None:
    """At once, in this process. Net: crm.tasks.route."""
    routing.assign_one(interaction_id)


@receiver(events.many_waiting)
def give_many(**_: Any) -> None:
    """Net: crm.tasks.route."""
    routing.drain()


@receiver(events.place_freed)
def fill_the_place(agent_id: int, **_: Any) -> None:
    """Whoever is first in the lines of this agent's queues is next. Net: crm.tasks.route."""
    routing.fill(agent_id)


@receiver(events.break_over)
def give_the_next_break(**_: Any) -> None:
    """Whoever stands in line for one. Net: pauses.give."""
    pauses.give()


@receiver(events.interaction_resumed)
def go_on_with_it(interaction_id: int, **_: Any) -> None:
    """The agent's time counts again, and the place. Net: routing.upkeep.resume_returned."""
    row = Interaction.objects.filter(pk=interaction_id).first()
    if row is not None and registry.channel(row.channel).load == "place":
        interactions.resume(row)


registry.keeps_its_subject(Interaction)
for _act in bulk_acts.ACTS:
    registry.register_bulk_act(_act)
registry.register_sweep("who stands behind which queue", upkeep.follow_teams)
registry.register_sweep("how free everybody is", capacity.rebuild)
registry.register_sweep("absent agents", presence.mark_absent)
registry.register_sweep("wrap-ups at their end", interactions.finish_wrap_ups)
registry.register_sweep("pending whose time has come", interactions.wake_due)
registry.register_sweep("answers nobody answered", interactions.close_unanswered)
registry.register_sweep("due times to count again", targets.recount)
registry.register_sweep("waiting without an agent", routing.drain)
registry.register_sweep("why those in front wait", routing.explain_waiting)
registry.register_sweep("offers nobody answered", upkeep.take_back_unanswered)
registry.register_sweep("work of agents who are lost", upkeep.give_back_of_the_lost)
registry.register_sweep("places of silent chats", upkeep.free_silent)
registry.register_sweep("chats silent for good", upkeep.close_silent)
registry.register_sweep("chats whose customer is back", upkeep.resume_returned)
registry.register_sweep("lines that overflow", upkeep.overflow)
registry.register_sweep("lines that have closed", upkeep.follow_hours)
registry.register_sweep("breaks to give", pauses.give)
registry.register_sweep("shifts that are over", shifts.end_due)
registry.register_sweep("promises that are due", interactions.bring_back)
registry.register_sweep("notes that name somebody", noting.tell_missed)
registry.register_sweep("drafts nobody came back to", drafts.forget_old)
registry.register_sweep("rows of merged customers", customers.collect_strays)
registry.register_sweep("figures to keep", build.complete)

for _belonging in [
    Belonging("identities", gettext_lazy("identities"), Identity),
    Belonging(
        "interactions",
        gettext_lazy("exchanges"),
        Interaction,
        interaction="pk",
        reads=in_words.exchange,
    ),
    Belonging("visits", gettext_lazy("visits"), Visit, reads=in_words.visit),
    Belonging("notes", gettext_lazy("notes"), Note, reads=in_words.note),
    Belonging("blocks", gettext_lazy("blocks"), Block),
    Belonging("consents", gettext_lazy("consents"), Consent),
    Belonging("grants", gettext_lazy("colleagues let in"), CustomerGrant, once_per="user"),
    Belonging("privacy_requests", gettext_lazy("privacy requests"), PrivacyRequest),
    Belonging("holds", gettext_lazy("legal holds"), LegalHold),
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
registry.register_sweep("files to scan for viruses", files.scan_waiting)
registry.register_sweep("running erasures", privacy.erase_due)
registry.register_sweep("running bulk actions", bulk.advance_due)
registry.register_sweep("running imports", transfer.advance_due)
registry.register_sweep("reports to mail", mailing.send_due)

registry.register_personal(
    PersonalPart(
        "exchanges",
        gettext_lazy("Exchanges"),
        kernel.exchanges,
        kernel.erase,
        person=kernel.person,
        erase_person=kernel.erase_person,
        files=kernel.files,
    )
)
for _retention in [
    Retention(
        "visits_unknown",
        gettext_lazy("Visits of nobody known"),
        gettext_lazy("What was typed and where they came from go; the steps stay to be counted."),
        30,
        *purposes.UNKNOWN_VISITS,
    ),
    Retention(
        "visits_known",
        gettext_lazy("Visits of customers"),
        gettext_lazy("The same, and the link to the customer."),
        182,
        *purposes.KNOWN_VISITS,
    ),
    Retention(
        "attachments",
        gettext_lazy("Files"),
        gettext_lazy("Files that came with messages; the messages stay."),
        365,
        *purposes.ATTACHMENTS,
    ),
    Retention(
        "words",
        gettext_lazy("Words of closed exchanges"),
        gettext_lazy("Texts, titles, addresses; times, codes and scores stay for good."),
        730,
        *purposes.WORDS,
    ),
    Retention(
        "complaints",
        gettext_lazy("Words of complaints"),
        gettext_lazy("The same for exchanges coded as a complaint."),
        1826,
        *purposes.COMPLAINTS,
    ),
    Retention(
        "imports",
        gettext_lazy("Files of imports"),
        gettext_lazy("The file and its rows; how many came in stays."),
        30,
        lambda before: transfer.old(before).count(),
        transfer.forget_old,
    ),
    Retention(
        "exports",
        gettext_lazy("Files of exports"),
        gettext_lazy("The file; who took out what stays in the audit trail."),
        2,
        lambda before: transfer.old_exports(before).count(),
        transfer.forget_old_exports,
    ),
    Retention(
        "bulk_runs",
        gettext_lazy("Bulk actions"),
        gettext_lazy("What was done to which records, to undo it; the audit trail stays."),
        30,
        lambda before: bulk.old(before).count(),
        bulk.forget_old,
    ),
    Retention(
        "looks",
        gettext_lazy("Who looked at which record"),
        gettext_lazy("The access log, kept for a year at least; who changed what stays."),
        365,
        lambda before: audit.looks(before).count(),
        audit.forget_looks,
    ),
    Retention(
        "customers",
        gettext_lazy("Customers without any contact"),
        gettext_lazy("The whole record is erased; its exchanges stay under a random number."),
        1096,
        *purposes.CUSTOMERS,
    ),
]:
    registry.register_retention(_retention)
