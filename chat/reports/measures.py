"""The chat's own measures, registered beside the kernel's (docs/figures.md)."""

from django.utils.translation import gettext_lazy as _

from chat.reports import invitations
from crm import registry
from crm.reports import figures
from crm.reports.measures import Measure

MEASURES = [
    Measure(
        "invited",
        _("Begun by an invitation"),
        _(
            "Offered exchanges that an accepted invitation began. An invitation accepted without "
            "a word is not offered and not counted here."
        ),
        "exchanges",
        "docs/figures.md",
        invitations.invited,
        lambda cut: figures.counts(invitations.invited(cut)),
    ),
    Measure(
        "chat_orders",
        _("Chats with an order"),
        _("Offered chats in which the agent noted an order with its reference and amount."),
        "exchanges",
        "docs/figures.md",
        invitations.sold,
        lambda cut: figures.counts(invitations.sold(cut)),
    ),
]


def register() -> None:
    for measure in MEASURES:
        registry.register_measure(measure)
