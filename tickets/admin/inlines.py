"""What a mailbox's page holds beside the mailbox: its server, its webhook, its rules."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import display
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from tickets.models import Hook, ImapAccount, MailRule
from tickets.models.hook import WITH_KEY

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
    tab = True
    fieldsets = (
        (None, {"fields": ("is_active", "host", ("port", "security"), ("username", "sign"))}),
        (_("With a password"), {"fields": ("password",)}),
        (
            _("With OAuth2"),
            {
                "fields": (("tenant", "client_id"), ("client_secret", "refresh_token")),
                "classes": ["collapse"],
                "description": _(
                    "Register Bravo with Microsoft or Google, save what they give you, then press "
                    "“Connect” at the top: the mailbox's owner consents there, and the refresh "
                    "token comes by itself."
                ),
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


class HookForm(forms.ModelForm):
    """A key is never shown again; left empty, it stays."""

    new_password = forms.BooleanField(
        label=_("New password in the address"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("The one before opens nothing from then on."),
    )

    class Meta:
        model = Hook
        fields = ("is_active", "provider", "key")
        widgets = {"key": UnfoldAdminPasswordWidget(render_value=False)}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["key"] = given.get("key") or self.instance.key
        if given.get("provider") in WITH_KEY and not given["key"]:
            self.add_error("key", _("This provider needs one."))
        return given

    def save(self, commit: bool = True) -> Any:
        if self.cleaned_data.get("new_password"):
            self.instance.password_number += 1
        return super().save(commit)


class HookInline(StackedInline):
    model = Hook
    form = HookForm
    extra = 0
    tab = True
    verbose_name = _("webhook of a provider")
    readonly_fields = ("address", "posted_at")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The address opens the mailbox: it is for those who may change it."""
        fields: tuple[str, ...] = ("is_active", "provider", "posted_at")
        if self.has_change_permission(request, obj):
            fields = ("is_active", "provider", "key", "address", "new_password", "posted_at")
        return ((None, {"fields": fields}),)

    @display(description=_("address"))
    def address(self, hook: Hook) -> str | SafeString:
        if not hook.pk:
            return str(_("Made when you save; it is what you give to the provider."))
        return format_html("<code>{}</code>", hook.address)


class RuleInline(StackedInline):
    model = MailRule
    extra = 0
    tab = True
    fields = (("position", "where"), "words", ("subject", "queue"), ("is_quiet", "sets_aside"))
