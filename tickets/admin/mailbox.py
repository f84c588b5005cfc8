"""Mailboxes with their servers, tried by a button; and the senders' list."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget

from tickets.models import ImapAccount, Mailbox, SenderRule
from tickets.services import mailbox_tests

_SECRETS = ("password", "client_secret", "refresh_token")


class ImapForm(forms.ModelForm):
    """A secret is never shown again; left empty, it stays."""

    class Meta:
        model = ImapAccount
        fields = (
            "is_active", "host", "port", "security", "username", "sign", "password", "tenant",
            "client_id", "client_secret", "refresh_token", "folder", "after", "move_to",
            "takes_old",
        )  # fmt: skip
        widgets = {name: UnfoldAdminPasswordWidget(render_value=False) for name in _SECRETS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in _SECRETS:
            if name in self.fields and getattr(self.instance, name):
                self.fields[name].help_text = _("Kept; write another to change it.")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in _SECRETS:
            given[name] = given.get(name) or getattr(self.instance, name)
        if given.get("after") == ImapAccount.After.MOVE and not given.get("move_to"):
            self.add_error("move_to", _("Say to which folder."))
        return given


class ImapInline(StackedInline):
    model = ImapAccount
    form = ImapForm
    extra = 0
    fieldsets = (
        (None, {"fields": ("is_active", ("host", "port", "security"), ("username", "sign"))}),
        (_("With a password"), {"fields": ("password",)}),
        (
            _("With OAuth2"),
            {
                "fields": (("tenant", "client_id"), ("client_secret", "refresh_token")),
                "classes": ["collapse"],
            },
        ),
        (_("What is fetched"), {"fields": ("folder", ("after", "move_to"), "takes_old")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look would read the secrets as plain fields: they are not there."""
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        shown = ("is_active", "host", "port", "security", "username", "sign", "folder", "after")
        return ((None, {"fields": shown}),)


@admin.register(Mailbox)
class MailboxAdmin(ModelAdmin):
    list_display = ("address", "name", "queue", "language", "fetched", "is_active")
    list_select_related = ("queue", "imap")
    search_fields = ("address", "name")
    inlines = (ImapInline,)
    actions_detail = ("test",)
    fieldsets = (
        (None, {"fields": ("address", "name", "from_name", ("queue", "language"), "is_active")}),
        (_("Signatures"), {"fields": ("signature_fr", "signature_en")}),
        (_("What comes in"), {"fields": ("takes_lists", "receiving_server")}),
    )

    @display(
        description=_("fetched"),
        label={"listens": "info", "waits": "info", "works": "success", "fails": "danger"},
    )
    def fetched(self, mailbox: Mailbox) -> tuple[str, Any]:
        account = getattr(mailbox, "imap", None)
        if account is None or not account.is_active:
            return "listens", _("comes by SMTP")
        if account.error:
            return "fails", account.error[:80]
        return ("works", account.host) if account.checked_at else ("waits", _("not looked at yet"))

    def has_test_permission(self, request: HttpRequest, *args: Any) -> bool:
        return request.user.has_perm("tickets.change_mailbox")

    @action(description=_("Test"), url_path="test", permissions=["test"], icon="network_check")
    def test(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Tries the server step by step, as it is saved; changes nothing there."""
        mailbox = self.get_queryset(request).select_related("imap").filter(pk=object_id).first()
        if mailbox is None:
            raise Http404
        if not self.has_test_permission(request):
            raise PermissionDenied
        account = getattr(mailbox, "imap", None)
        if account is None:
            self.message_user(request, _("This mailbox has no server to fetch from."))
            return redirect(reverse("admin:tickets_mailbox_change", args=[mailbox.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Test of %(mailbox)s") % {"mailbox": mailbox},
            "mailbox": mailbox,
            "account": account,
            "lines": mailbox_tests.test_imap(account),
        }
        return render(request, "tickets/console/test.html", context)


@admin.register(SenderRule)
class SenderRuleAdmin(ModelAdmin):
    list_display = ("pattern", "action", "note", "created_at")
    list_filter = ("action",)
    search_fields = ("pattern", "note")
    fields = ("pattern", "action", "note")
