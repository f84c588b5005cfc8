"""What agents said and what they changed."""

from django.utils.translation import gettext_lazy as _

from crm.reports import said
from crm.reports.measures import Measure
from crm.reports.values import shared

from .volumes import TRADE

MEASURES = [
    Measure(
        "pulse_explicit",
        _("Request was clear, says the agent"),
        _(
            "Agent pulse: exchanges after which the agent said that the request was explicit, of "
            "those after which they said yes or no. Shown of five people or more only, and never "
            "exchange by exchange."
        ),
        "share",
        TRADE,
        said.pulses,
        counted=said.explicit,
        paths=said.OF_PULSE,
        good=True,
        topic="people",
    ),
    Measure(
        "pulse_cordial",
        _("Cordial, says the agent"),
        _(
            "Agent pulse: exchanges after which the agent said that it was cordial, of those after "
            "which they said yes or no. Shown of five people or more only, and never exchange by "
            "exchange."
        ),
        "share",
        TRADE,
        said.pulses,
        counted=said.cordial,
        paths=said.OF_PULSE,
        good=True,
        topic="people",
    ),
    Measure(
        "replies_edited",
        _("Canned replies edited"),
        _(
            "Canned replies that were changed before they were sent, of all that were sent; what "
            "is changed often should be written anew. It names no agent."
        ),
        "share",
        TRADE,
        said.replies_used,
        shared(said.EDITED),
        part=said.EDITED,
        paths=said.OF_USE,
        good=False,
        topic="people",
    ),
]
