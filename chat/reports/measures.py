"""The chat's own measures, registered beside the kernel's (docs/figures.md)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chat.models import InvitationRule
from chat.reports import invitations
from chat.reports.invitations import OF_INVITATION
from crm import registry
from crm.reports.dimensions import Dimension
from crm.reports.measures import Measure
from crm.reports.values import shared, summed

TRADE = "contact centre practice"
_ACCEPTED = Q(state="accepted")
_SOLD = Q(chat__order_amount__isnull=False)

MEASURES = [
    Measure(
        "invited",
        _("Begun by an invitation"),
        _(
            "Offered exchanges that an accepted invitation began. An invitation accepted without "
            "a word is not offered and not counted here."
        ),
        "exchanges",
        TRADE,
        invitations.invited,
        topic="invitations",
    ),
    Measure(
        "invitations_shown",
        _("Invitations shown"),
        _("Visitors who saw an invitation, on the day of the decision; one a visit."),
        "invitations",
        TRADE,
        invitations.shown,
        paths=OF_INVITATION,
        topic="invitations",
    ),
    Measure(
        "invitations_withheld",
        _("Invitations withheld"),
        _(
            "Decisions not to invite a visitor whom a rule had met, each reason once a visit: "
            "nobody free, closed, refused before, a page without invitations…"
        ),
        "invitations",
        TRADE,
        invitations.withheld,
        paths=OF_INVITATION,
        topic="invitations",
    ),
    Measure(
        "invitations_accepted",
        _("Invitations accepted"),
        _("Accepted of shown; those that still stand count as not accepted."),
        "share",
        TRADE,
        invitations.shown,
        shared(_ACCEPTED),
        part=_ACCEPTED,
        paths=OF_INVITATION,
        good=True,
        topic="invitations",
    ),
    Measure(
        "invitations_lost",
        _("Lost opportunities"),
        _("Withheld because no agent had a free place, or because it was closed."),
        "invitations",
        TRADE,
        invitations.lost,
        paths=OF_INVITATION,
        good=False,
        topic="invitations",
    ),
    Measure(
        "chat_orders",
        _("Chats with an order"),
        _("Offered chats in which the agent noted an order with its reference and amount."),
        "exchanges",
        TRADE,
        invitations.sold,
        topic="sales",
    ),
    Measure(
        "conversion",
        _("Conversion"),
        _("Chats with an order, of all offered chats."),
        "share",
        TRADE,
        invitations.chats,
        shared(_SOLD),
        part=_SOLD,
        good=True,
        topic="sales",
    ),
    Measure(
        "amount_sold",
        _("Amount sold"),
        _("Sum of the amounts of the orders noted in offered chats."),
        "euros",
        TRADE,
        invitations.sold,
        summed("chat__order_amount"),
        good=True,
        topic="sales",
    ),
]


def _rules() -> dict[int, str]:
    return dict(InvitationRule.objects.order_by("name").values_list("pk", "name"))


def register() -> None:
    registry.register_dimension(
        Dimension(
            "rule",
            _("Invitation"),
            invitations.rule_of_exchange,
            _rules,
            nothing=_("without invitation"),
        )
    )
    for measure in MEASURES:
        registry.register_measure(measure)
