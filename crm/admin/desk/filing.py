"""Files in a conversation, at the desk: sent like a line, opened by a link made at the click."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from crm import registry
from crm.models import Agent, Interaction, Message
from crm.services import files

from .refusal import Refusal


def say(request: HttpRequest, row: Interaction, agent: Agent) -> None:
    """One file, once per client_id, where the socket delivers it."""
    file, client_id = request.FILES.get("file"), request.POST.get("client_id", "")
    if file is None or not 8 <= len(client_id) <= 64 or not registry.channel(row.channel).live:
        raise Refusal("malformed", _("There is nothing to send."), 400)
    try:
        files.say(row, author=Message.Author.AGENT, agent=agent, file=file, client_id=client_id)
    except files.Refused as refused:
        raise Refusal(refused.code, str(refused.words), 400) from None


@never_cache
@require_safe
def opened(request: HttpRequest, pk: int, message: int) -> HttpResponse:
    """To the file, for who may see its exchange."""
    row = Interaction.objects.visible_to(request.user).filter(pk=pk).first()
    found = files.file_of(message, row.pk) if row else None
    if found is None:
        raise Http404
    return redirect(files.link(found))
