"""What the kernel should know of the chat, and what the chat does by itself."""

from django.utils.translation import gettext_lazy as _

from chat import invitations
from chat.models import Invitation
from chat.reports import measures
from chat.services import closing_time, conversations, letters, privacy, silence
from crm import registry
from crm.models import Interaction, Message


def _sockets_deliver(interaction: Interaction, message: Message) -> None:
    """The visitor's socket follows the interaction; after a lost connection it asks again."""


registry.register_channel(
    registry.Channel(
        name="chat",
        label=_("Chat"),
        icon="forum",
        deliver=_sockets_deliver,
        fragment="chat/console/_head.html",
        load="place",
        live=True,
        wrap_up_seconds=60,
        color="#0072B2",
    )
)
registry.register_personal(
    registry.PersonalPart("chats", _("Chats"), privacy.collect, privacy.erase)
)
registry.register_sweep("chats that wait after closing", closing_time.sweep)
registry.register_sweep("chat invitations without an answer", invitations.sweep)
registry.register_sweep("invited chats with a first line", conversations.count_as_offered)
registry.register_sweep("silent chats", silence.sweep)
registry.register_sweep("chats whose customer has gone", letters.sweep)
registry.keeps_its_subject(Invitation)
measures.register()
