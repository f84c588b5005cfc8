"""Was it solved at once; what came back, went round, stays open, and is complained about."""

from django.utils.translation import gettext_lazy as _

from crm.reports import complaints, figures, solution
from crm.reports.measures import Measure
from crm.reports.values import LASTING, shared

from .volumes import TRADE

MEASURES = [
    Measure(
        "first_contact_resolution",
        _("First-contact resolution"),
        _(
            "Handled exchanges that were solved, informed or ordered, not passed on to another "
            "agent, not reopened, and after which the same customer opened no other exchange on "
            "the same subject (second level of the tree) within seven days, on any channel; of all "
            "handled exchanges. Provisional until those days have passed."
        ),
        "share",
        TRADE,
        solution.resolution_rows,
        shared(solution.AT_ONCE),
        part=solution.AT_ONCE,
        good=True,
        topic="solution",
    ),
    Measure(
        "repeat_rate",
        _("Repeat contacts"),
        _(
            "Handled exchanges after which the same customer asked again about the same subject "
            "(second level of the tree) within seven days, on any channel; what goes on by a "
            "hand-off is no repeat. Provisional until those days have passed."
        ),
        "share",
        TRADE,
        solution.followed,
        shared(solution.BACK),
        part=solution.BACK,
        good=False,
        topic="solution",
    ),
    Measure(
        "reopened",
        _("Reopened"),
        _("Handled exchanges that had been closed before and were opened again."),
        "share",
        TRADE,
        figures.handled,
        shared(solution.REOPENED),
        part=solution.REOPENED,
        good=False,
        topic="solution",
    ),
    Measure(
        "transferred",
        _("Passed on"),
        _("Handled exchanges that one agent answered first and another one closed."),
        "share",
        TRADE,
        solution.transferred_rows,
        shared(solution.TRANSFERRED),
        part=solution.TRANSFERRED,
        good=False,
        topic="solution",
    ),
    Measure(
        "backlog",
        _("Backlog"),
        _(
            "Open at the end of the period (of a period that still runs: now), whenever it came "
            "in, with its age since the customer asked. What was closed and opened again since "
            "counts as never closed."
        ),
        "exchanges",
        TRADE,
        solution.backlog_rows,
        LASTING,
        moment=None,
        good=False,
        topic="backlog",
    ),
    Measure(
        "complaints",
        _("Complaints received"),
        _("Exchanges that became a complaint in these days; by subject they tell the cause."),
        "exchanges",
        "L. 612-1 C. conso.; contact centre practice",
        complaints.received,
        moment="complaint__opened_at",
        good=False,
        topic="complaints",
    ),
    Measure(
        "complaints_founded",
        _("Founded complaints"),
        _("Complaints found to be justified, of those received in these days and judged."),
        "share",
        TRADE,
        complaints.judged,
        shared(complaints.FOUNDED),
        moment="complaint__opened_at",
        part=complaints.FOUNDED,
        topic="complaints",
    ),
    Measure(
        "complaints_in_time",
        _("Complaints answered in time"),
        _(
            "Complaints received in these days and closed before they were due, of those with a "
            "due time; what is not due yet counts as not answered."
        ),
        "share",
        TRADE,
        complaints.promised,
        shared(figures.IN_TARGET),
        moment="complaint__opened_at",
        part=figures.IN_TARGET,
        good=True,
        topic="complaints",
    ),
    Measure(
        "complaints_open",
        _("Open complaints"),
        _("Not closed at the end of the period, or now, with their age since they were one."),
        "exchanges",
        TRADE,
        complaints.still_open,
        LASTING,
        moment=None,
        good=False,
        topic="complaints",
    ),
]
