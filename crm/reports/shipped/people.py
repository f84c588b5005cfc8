"""What agents' time goes into."""

from django.utils.translation import gettext_lazy as _

from crm.reports import people
from crm.reports.measures import Measure

from .volumes import TRADE

MEASURES = [
    Measure(
        "occupancy",
        _("Occupancy"),
        _(
            "Time in work and wrap-up, of the time in work, wrap-up and available. Breaks and "
            "meetings are out of it. Above 88 % for two hours it is unhealthy."
        ),
        "share",
        TRADE,
        people.working_states,
        people.OCCUPIED,
        paths=people.OF_STATE,
        topic="people",
    ),
    Measure(
        "time_in_states",
        _("Time in states"),
        _("Time that agents spent in each state, inside the period; offline is left out."),
        "time",
        TRADE,
        people.present_states,
        people.IN_STATES,
        paths=people.OF_STATE,
        topic="people",
    ),
    Measure(
        "concurrency",
        _("Chats at once"),
        _(
            "Time of all chats with an agent, from assignment to the last human message, divided "
            "by agents' time with at least one. Measured, not the number of places."
        ),
        "ratio",
        TRADE,
        people.chat_segments,
        paths=people.OF_SEGMENT,
        counted=people.concurrency,
        topic="people",
    ),
    Measure(
        "workload",
        _("Workload"),
        _(
            "The agent's clock per handled exchange, shared equally among what is open with them "
            "at each instant, so that workloads add up to the time worked. The mean."
        ),
        "duration",
        TRADE,
        people.worked_on,
        counted=people.workload,
        topic="times",
    ),
    Measure(
        "cost",
        _("Cost per exchange"),
        _(
            "The workload of an exchange at the hourly cost of an agent (a setting), divided by "
            "the occupancy of all agents in these days, so that the time waited for work is paid "
            "too; breaks and meetings are in the hourly cost. The mean."
        ),
        "euros",
        TRADE,
        people.worked_on,
        counted=people.cost,
        good=False,
        topic="people",
    ),
]
