"""The page the visitor is on: shown to whoever helps them."""

from django.db import transaction

from chat.models import Chat
from crm.models import Interaction, Message, Status
from crm.services import posting


@transaction.atomic
def moved(chat_id: int, url: str, title: str) -> bool:
    """They went to another page of the site. False when there is nothing new to show."""
    interaction = Interaction.objects.select_for_update(of=("self",)).get(pk=chat_id)
    chat = Chat.objects.select_related("site").get(pk=chat_id)
    if interaction.status == Status.CLOSED or chat.page_url == url or not chat.site.allows(url):
        return False
    chat.page_url, chat.page_title = url[:500], title[:200]
    chat.save(update_fields=["page_url", "page_title"])
    posting.post(
        interaction,
        author=Message.Author.SYSTEM,
        kind=Message.Kind.EVENT,
        body={"event": "page", "title": chat.page_title or chat.page_url, "url": chat.page_url},
        to_customer=False,
    )
    return True
