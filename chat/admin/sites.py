"""Where the widget lives: its site, its look, whom it invites there."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import JSONField
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from chat.models import InvitationRule, Site
from chat.models.site import check_origins
from chat.services import identity, looks

_JSON_AS_TEXT = {JSONField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}


class Lines(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **options: Any) -> None:
        options["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": 4})
        super().__init__(required=False, **options)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class RuleInline(TabularInline):
    model = InvitationRule
    fields = ["name", "pages", "seconds", "subject", "question_fr", "position", "is_active"]
    extra = 0
    show_change_link = True
    tab = True
    formfield_overrides = _JSON_AS_TEXT


class SiteForm(forms.ModelForm):
    language = forms.ChoiceField(
        label=capfirst(_("language")), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget
    )
    origins = Lines(
        label=capfirst(_("allowed addresses")),
        help_text=_(
            "One a line, like https://www.example.com; “*” may stand for the port or the first "
            "part of the name."
        ),
    )
    excluded_pages = Lines(
        label=capfirst(_("pages without invitations")),
        help_text=_("One pattern a line, like *payment*."),
    )
    button_pages = Lines(
        label=capfirst(_("pages with the fixed button")),
        help_text=_(
            "One pattern a line; * alone: every page. Empty: only invitations open the chat."
        ),
    )

    class Meta:
        model = Site
        fields = [
            "name", "key", "is_active", "origins", "is_portal", "subject", "asks_subject",
            "excluded_pages", "remind_minutes", "silent_minutes", "reopen_hours", "logo",
            "primary_color", "side", "language", "button_pages", "shows_unsent",
        ]  # fmt: skip

    def clean_origins(self) -> list[str]:
        origins: list[str] = self.cleaned_data["origins"]
        check_origins(origins)
        return origins

    def clean_logo(self) -> Any:
        file = self.cleaned_data["logo"]
        return looks.check_logo(file) if isinstance(file, UploadedFile) else file


@admin.register(Site)
class SiteAdmin(ModelAdmin):
    form = SiteForm
    list_display = ["name", "key", "language", "subject", "is_portal", "is_active"]
    list_select_related = ["subject"]
    list_filter = ["is_active", "is_portal"]
    search_fields = ["name", "key"]
    inlines = [RuleInline]
    readonly_fields = ["tag", "signing", "look", "words"]
    fieldsets = [
        (None, {"fields": ["name", "key", "is_active", "tag", "signing"]}),
        (
            _("Where"),
            {
                "fields": [
                    "origins",
                    "is_portal",
                    "subject",
                    "asks_subject",
                    "excluded_pages",
                    "shows_unsent",
                ]
            },
        ),
        (_("Silence and after"), {"fields": ["remind_minutes", "silent_minutes", "reopen_hours"]}),
        (
            _("Look"),
            {
                "fields": [
                    "logo",
                    "primary_color",
                    "look",
                    "words",
                    "side",
                    "language",
                    "button_pages",
                ]
            },
        ),
    ]

    @admin.display(description=_("Tag for the pages"))
    def tag(self, site: Site) -> str:
        if not site.key:
            return "–"
        return format_html(
            "<code>&lt;script async src=&quot;{}/widget/loader.js&quot; data-site=&quot;{}&quot;"
            "&gt;&lt;/script&gt;</code>",
            settings.PORTAL_URL,
            site.key,
        )

    @admin.display(description=_("As it will look"))
    def look(self, site: Site) -> str:
        """The button and the logo in the shades that are used: drawn by the template."""
        context = {
            "site": site,
            "samples": looks.samples(site),
            "logo": looks.logo_address(site) if site.pk else "",
        }
        return render_to_string("chat/console/look.html", context)

    @admin.display(description=_("Words and preview"))
    def words(self, site: Site) -> str:
        if not site.pk:
            return "–"
        address = reverse("admin:chat_words", args=[site.pk])
        return format_html('<a class="b-button quiet" href="{}">{}</a>', address, _("Open"))

    @admin.display(description=_("Signed identity"))
    def signing(self, site: Site) -> str:
        """Whether it has a secret, and the button for a new one: the form's own, so no second."""
        if not site.pk:
            return "–"
        state = _("Secret no. %(n)s.") % {"n": site.identity_version}
        return format_html(
            '{} <button type="submit" name="_new_secret" value="1" class="b-button quiet">{}'
            '</button><br><span class="b-muted">{}</span>',
            state if site.identity_version else _("No secret yet."),
            _("Make a new secret"),
            _(
                "With it the site signs who its visitor is (docs/identity.md). It is shown once;"
                " tokens signed with the one before are void."
            ),
        )

    def response_change(self, request, obj):
        if "_new_secret" not in request.POST:
            return super().response_change(request, obj)
        messages.warning(
            request,
            _("The site’s new secret, shown only now: %(secret)s")
            % {"secret": identity.rotate(obj)},
        )
        return redirect(request.path)
