"""The chat's part of the console: where the widget lives, whom it invites, and every decision."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import JSONField
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from chat.models import Chat, Invitation, InvitationRule, Question, QueueSettings, Site
from chat.services import identity, looks
from crm.admin.read_only import ReadOnlyAdmin

State = Invitation.State
_COLORS = {
    State.SHOWN: "info",
    State.WITHHELD: "",
    State.ACCEPTED: "success",
    State.REFUSED: "warning",
    State.EXPIRED: "",
    State.WITHDRAWN: "danger",
}
_JSON_AS_TEXT = {JSONField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 3})}}


class RuleInline(TabularInline):
    model = InvitationRule
    fields = ["name", "pages", "seconds", "subject", "question_fr", "position", "is_active"]
    extra = 0
    show_change_link = True
    tab = True
    formfield_overrides = _JSON_AS_TEXT


class SiteForm(forms.ModelForm):
    class Meta:
        model = Site
        exclude: list[str] = []

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
    readonly_fields = ["tag", "signing", "look"]
    formfield_overrides = _JSON_AS_TEXT
    fieldsets = [
        (None, {"fields": ["name", "key", "is_active", "tag", "signing"]}),
        (
            _("Where"),
            {"fields": ["origins", "is_portal", "subject", "asks_subject", "excluded_pages"]},
        ),
        (_("Silence and after"), {"fields": ["remind_minutes", "silent_minutes", "reopen_hours"]}),
        (
            _("Look"),
            {
                "fields": [
                    "logo",
                    "primary_color",
                    "look",
                    "side",
                    "language",
                    "button_pages",
                    "texts",
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


class QuestionInline(TabularInline):
    model = Question
    fields = ["asks", "own_field", "is_required", "position"]
    extra = 0


@admin.register(QueueSettings)
class QueueSettingsAdmin(ModelAdmin):
    inlines = [QuestionInline]
    list_display = ["queue", "remind_minutes", "silent_minutes"]
    list_select_related = ["queue"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Also answers "why was nobody invited at 14:10?": the withheld ones, with their reason."""

    list_display = ["created_at", "badge", "why", "rule", "agent", "page", "seconds", "times"]
    list_select_related = ["rule", "agent", "site"]
    list_filter = [("created_at", RangeDateTimeFilter), "state", "reason", "site", "rule"]
    list_filter_submit = True
    date_hierarchy = None
    show_full_result_count = False
    fields = [
        "site", "rule", "subject", "queue", "agent", "state", "reason", "page_url", "page_title",
        "seconds", "created_at", "times", "last_at", "shown_at", "expires_at", "decided_at",
        "interaction",
    ]  # fmt: skip

    @display(description=_("state"), ordering="state", label=_COLORS)
    def badge(self, invitation: Invitation) -> tuple[str, str]:
        return invitation.state, invitation.get_state_display()

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, invitation: Invitation) -> str:
        return invitation.get_reason_display() if invitation.reason else "–"

    @admin.display(description=_("page"))
    def page(self, invitation: Invitation) -> str:
        return invitation.page_title or invitation.page_url


@admin.register(Chat)
class ChatAdmin(ReadOnlyAdmin):
    list_display = ["interaction", "site", "customer", "page_title", "promised_agent"]
    list_select_related = ["interaction__customer", "site", "promised_agent"]
    list_filter = ["site"]
    search_fields = ["visitor_name", "page_title"]
    show_full_result_count = False

    @admin.display(description=_("customer"))
    def customer(self, chat: Chat) -> str:
        return str(chat.interaction.customer)
