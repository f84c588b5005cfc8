"""The DKIM keys of the domains we send from: what to publish, and whether it is there."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from tickets.models import SigningKey
from tickets.services import signing

_GIVEN = ("domain", "selector")  # for good: another one is another key


@admin.register(SigningKey)
class SigningKeyAdmin(ModelAdmin):
    list_display = ("domain", "selector", "is_active", "created_at")
    actions_detail = ("look_up",)

    class Media:
        css = {"all": ("tickets/console.css",)}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else (*_GIVEN, "name", "value")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": _GIVEN})]
        publish = {
            "fields": ("name", "value"),
            "description": _(
                "Publish this TXT record with whoever runs the domain's DNS, check it here, then "
                "put the key in use. A mail provider that sends for us signs by itself."
            ),
        }
        return [(None, {"fields": (*_GIVEN, "is_active")}), (_("Record"), publish)]

    @display(description=_("name of the record"))
    def name(self, key: SigningKey) -> str:
        return format_html('<code class="t-record">{}</code>', key.record_name)

    @display(description=_("its text"))
    def value(self, key: SigningKey) -> str:
        return format_html('<code class="t-record">{}</code>', key.record_value)

    def has_look_up_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("tickets.change_signingkey")

    @action(
        description=_("Check the record"),
        url_path="check",
        permissions=["look_up"],
        icon="network_check",
    )
    def look_up(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_look_up_permission(request):
            raise PermissionDenied
        key = self.get_queryset(request).filter(pk=object_id).first()
        if key is None:
            raise Http404
        line = signing.check(key)
        self.message_user(request, line.said, messages.SUCCESS if line.works else messages.ERROR)
        return redirect(reverse("admin:tickets_signingkey_change", args=[key.pk]))
