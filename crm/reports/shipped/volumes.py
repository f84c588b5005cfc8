"""How many came, were answered, left, and went out."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.reports import figures
from crm.reports.measures import Measure
from crm.reports.values import shared

TRADE = "contact centre practice"
_ANSWERED = Q(first_answer_at__isnull=False)

MEASURES = [
    Measure(
        "offered",
        _("Offered"),
        _(
            "Exchanges in which a customer asked for an agent: button, accepted invitation with a "
            "first line, callback due, email not filtered. Counted on the day of asking; spam is "
            "not counted, nor who was gone within ten seconds without a word."
        ),
        "exchanges",
        TRADE,
        figures.offered,
    ),
    Measure(
        "answered",
        _("Answered"),
        _("Offered exchanges in which an agent wrote or spoke; automatic greetings never count."),
        "exchanges",
        TRADE,
        figures.answered,
    ),
    Measure(
        "answer_rate",
        _("Answer rate"),
        _("Answered of offered. What still waits counts as not answered."),
        "share",
        TRADE,
        figures.offered,
        shared(_ANSWERED),
        part=_ANSWERED,
        good=True,
    ),
    Measure(
        "abandoned",
        _("Abandoned"),
        _(
            "Offered exchanges that the customer left before an agent's own first line: gone, "
            "cancelled, or silent. Who goes on in another channel has not abandoned."
        ),
        "exchanges",
        TRADE,
        figures.abandoned,
        good=False,
    ),
    Measure(
        "short_abandoned",
        _("Short abandons"),
        _(
            "Gone within ten seconds, and nothing typed: counted apart, and in no other figure, "
            "neither as offered nor as abandoned."
        ),
        "exchanges",
        TRADE,
        figures.short_abandoned,
    ),
    Measure(
        "reported",
        _("Gone to another channel"),
        _("Offered exchanges that left the line unanswered for a callback or an email."),
        "exchanges",
        TRADE,
        figures.reported,
    ),
    Measure(
        "handled",
        _("Handled"),
        _("Offered exchanges that an agent answered and that are closed."),
        "exchanges",
        TRADE,
        figures.handled,
    ),
    Measure(
        "closed",
        _("Closed"),
        _(
            "What went out: exchanges closed in these days, whenever they came in. Beside what was "
            "offered it tells whether the backlog grows."
        ),
        "exchanges",
        TRADE,
        figures.closed,
        moment="closed_at",
    ),
]
