"""What figures are about: a page of figures is a composition of these, in this order."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from crm.reports import measures
from crm.reports.measures import Measure, Text

TOPICS: Mapping[str, Text] = {
    "volumes": _("Volumes"),
    "waiting": _("Waiting"),
    "times": _("Times and workload"),
    "solution": _("Solved or not"),
    "backlog": _("Backlog"),
    "complaints": _("Complaints"),
    "satisfaction": _("What customers say"),
    "people": _("Agents and cost"),
    "invitations": _("Invitations"),
    "sales": _("Sales"),
    "selfcare": _("Self-care"),
}


def figures(topic: str) -> list[Measure]:
    """Those of one topic, as they were registered."""
    return [one for one in measures.every() if one.topic == topic]
