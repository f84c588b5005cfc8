"""The kernel's own measures in words: volumes, times and satisfaction. docs/figures.md is made of
them; what they count stands in `figures`."""

from django.utils.translation import gettext_lazy as _

from crm import registry
from crm.reports import figures
from crm.reports.measures import Measure

EXPLAINED = "docs/figures.md"

MEASURES = [
    Measure(
        "offered",
        _("Offered"),
        _(
            "Exchanges in which a customer asked for an agent: button, accepted invitation with a "
            "first line, callback due, email not filtered. Counted on the day of asking; spam is "
            "not counted."
        ),
        "exchanges",
        EXPLAINED,
        figures.offered,
        lambda cut: figures.counts(figures.offered(cut)),
    ),
    Measure(
        "answered",
        _("Answered"),
        _("Offered exchanges in which an agent wrote or spoke; automatic greetings never count."),
        "exchanges",
        EXPLAINED,
        figures.answered,
        lambda cut: figures.counts(figures.answered(cut)),
    ),
    Measure(
        "abandoned",
        _("Abandoned"),
        _("Offered exchanges that the customer left before an agent's own first line."),
        "exchanges",
        EXPLAINED,
        figures.abandoned,
        lambda cut: figures.counts(figures.abandoned(cut)),
    ),
    Measure(
        "handled",
        _("Handled"),
        _("Offered exchanges that an agent answered and that are closed."),
        "exchanges",
        EXPLAINED,
        figures.handled,
        lambda cut: figures.counts(figures.handled(cut)),
    ),
    Measure(
        "conversation_time",
        _("Conversation time"),
        _(
            "Chat: from the first to the last human message. Call: from pick-up to hang-up. "
            "Handled exchanges only; silence before automatic closing belongs to nobody."
        ),
        "seconds",
        EXPLAINED,
        figures.conversation_rows,
        lambda cut: figures.times(figures.conversation_rows(cut)),
    ),
    Measure(
        "handling_time",
        _("Handling time"),
        _(
            "Chat: from assignment to the end of wrap-up, elapsed. Call and email: the agent's own "
            "clock, wrap-up included. The band of 8 to 10 minutes applies to the mean of a day, "
            "never to a single chat."
        ),
        "seconds",
        EXPLAINED,
        figures.handling_rows,
        lambda cut: figures.times(figures.handling_rows(cut)),
    ),
    Measure(
        "satisfaction",
        _("Satisfaction"),
        _(
            "Share of 4 and 5 among the answers on the scale of 1 to 5, with the 95 % interval of "
            "Wilson. Below 30 answers it is grey: no trend, no ranking."
        ),
        "share",
        EXPLAINED,
        figures.rated,
        lambda cut: figures.satisfaction(figures.rated(cut)),
    ),
]


def register() -> None:
    for measure in MEASURES:
        registry.register_measure(measure)
