"""What a chat sold, noted at the desk beside the conversation."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chat.models import Chat
from chat.services import orders
from crm.admin.desk import answering
from crm.admin.pages import register_page
from crm.models import Interaction


class OrderForm(forms.ModelForm):
    class Meta:
        model = Chat
        fields = ["order_reference", "order_amount"]


@require_POST
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """The order's reference and amount; both empty takes it back."""
    if not request.user.has_perm("crm.change_interaction"):  # type: ignore[union-attr]
        raise PermissionDenied
    seen = Interaction.objects.visible_to(request.user)
    chat = get_object_or_404(Chat.objects.filter(interaction__in=seen), pk=pk)
    form = OrderForm(request.POST)
    if not form.is_valid() or not orders.complete(form.instance):
        reason = _("An order has a reference and an amount, such as 49.90.")
        return JsonResponse({"error": "refused", "message": reason}, status=422)
    orders.note(chat, form.instance.order_reference, form.instance.order_amount)
    return answering.done(request, pk, {"reference": chat.order_reference})


register_page("chat/<int:pk>/order/", order, "chat_order")
